"""The viewer's page in headless Chromium, as a person uses it."""

import json
import shutil
import tempfile
import time
import wave

import numpy as np
import pytest

from skcrosstask import Task, Video
from skcrosstask.results import StepTable, annotate, read_annotations

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.skipif(
        not (CHROMIUM and DRIVER),
        reason="no chromium and chromedriver: apt-get install chromium-driver",
    ),
    # Selenium leaves its sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
FLAGS = (
    "headless=new no-sandbox disable-gpu disable-quic no-first-run disable-sync "
    "disable-background-networking disable-component-update disable-dev-shm-usage"
)
SECONDS = 60
EVIL = "<img src=x onerror=alert(1)></script><script>alert(1)</script>"
STEPS = ["add coffee", EVIL, "pour milk", '-serve, "hot"']
ROWS = [
    ("v1", "latte", 0, STEPS[0], 5.0, 12.0, 8.0, 0.97, 0.9),
    ("v1", "latte", 1, STEPS[1], 20.125, 30.0, 25.0, 0.9, 0.4),
    ("v1", "latte", 2, STEPS[2], 40.0, 50.0, 45.0, 0.8, 0.7),
    ("v1", "latte", 3, STEPS[3]),
    ("v2", "latte", 0, STEPS[0], 5.0, 12.0, 8.0, 0.97, 0.2),
    ("v3", "latte", 0, STEPS[0]),
]


class Page:
    """The page and what a person does with it."""

    def __init__(self, driver, downloads):
        self.driver, self.downloads = driver, downloads

    def open(self, path, width=1400, dark=False):
        command = self.driver.execute_cdp_cmd
        size = {"width": width, "height": 900, "deviceScaleFactor": 1}
        command("Emulation.setDeviceMetricsOverride", {**size, "mobile": width < 500})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        command("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.run("window.onbeforeunload = null")
        self.driver.get(path.as_uri())
        self.until("video.readyState > 0 || video.hidden")

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition, seconds=5):
        end = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            assert time.monotonic() < end, condition
            time.sleep(0.02)

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def press(self, *keys, on="body"):
        from selenium.webdriver.common.keys import Keys

        names = [getattr(Keys, key, key) for key in keys]
        self.find(on).send_keys("".join(names))

    def drag(self, selector, by):
        """Drag an element so many seconds to the right."""
        from selenium.webdriver import ActionChains

        node = self.find(selector)
        self.run("arguments[0].scrollIntoView({block: 'center'})", node)
        wide = self.run("return document.querySelector('.track').clientWidth")
        hold = ActionChains(self.driver, duration=0).click_and_hold(node)
        hold.move_by_offset(round(by * wide / SECONDS), 0).release().perform()
        self.run("return new Promise(done => setTimeout(done, 20))")

    @property
    def now(self):
        return self.run("return Number(strip.getAttribute('aria-valuenow'))")

    def ends(self, step):
        """Starts and ends of a step as the table shows them."""
        script = "return [...document.querySelectorAll(arguments[0])].map(n => n.value)"
        values = self.run(script, f'input[aria-label*="of step {step},"]')
        return [float(value) for value in values]

    def download(self):
        for old in self.downloads.iterdir():
            old.unlink()
        self.run("document.getElementById('download').click()")
        path, end = self.downloads / "corrected.csv", time.monotonic() + 5
        while not (path.exists() and path.stat().st_size):  # a place comes first
            assert time.monotonic() < end, "nothing was downloaded"
            time.sleep(0.02)
        return path

    def errors(self):
        return self.driver.get_log("browser")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    webdriver = pytest.importorskip("selenium.webdriver")
    downloads = tmp_path_factory.mktemp("downloads")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.unhandled_prompt_behavior = "accept"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    prefs = {"download.default_directory": str(downloads)}
    options.add_experimental_option("prefs", prefs)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in [*FLAGS.split(), f"user-data-dir={profile}"]:
            options.add_argument(f"--{flag}")
        driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        yield Page(driver, downloads)
        driver.quit()


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """One video with a file (sound alone plays and seeks too), two without."""
    folder = tmp_path_factory.mktemp("pages")
    with wave.open(str(folder / "clip #1.wav"), "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", ""))
        sound.writeframes(bytes([128]) * 8000 * SECONDS)
    task = Task("latte", STEPS, "Make a Latte")
    features, windows = np.zeros((SECONDS, 1)), [[0, 2, 20], [2, 30, 55]]
    truth = [[0, 6, 13], [2, 41, 49]]
    return [
        Video(features, task, windows, truth, "v1", source=folder / "clip #1.wav"),
        Video(features, task, name="v2", source=folder / "gone.mp4"),
        Video(features, task, name="v3"),
    ]


@pytest.fixture(scope="module")
def path(videos):
    path = videos[0].source.with_name("page.html")
    StepTable(ROWS).to_html(path, videos=videos)
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1400, 390])
def test_fits_and_follows_the_scheme_without_an_error(page, path, width, dark):
    page.open(path, width, dark)
    assert page.run("return document.documentElement.scrollWidth") <= width
    page.run("document.getElementById('in').click()")
    assert page.run("return document.documentElement.scrollWidth") <= width
    ink, paper = page.run(
        "const s = getComputedStyle(document.body);"
        "return [s.color, s.backgroundColor].map(c => Number(c.match(/\\d+/)[0]))"
    )
    assert (ink > 200 and paper < 40) if dark else (ink < 40 and paper > 200)
    assert page.errors() == []


def test_names_are_text(page, path):
    page.open(path)
    assert page.run("return document.querySelectorAll('img').length") == 0
    assert page.run("return document.querySelectorAll('script').length") == 2
    assert EVIL in page.find("#rows").text


@pytest.mark.parametrize("width", [1400, 390])
def test_click_seeks_the_video(page, path, width):
    page.open(path, width)
    page.run("document.querySelectorAll('.seg')[2].click()")
    page.until("Math.abs(video.currentTime - 40) < 0.1")
    assert page.find("#doing").get_attribute("textContent") == "3. pour milk"
    strip = page.find("#strip")
    strip.click()
    page.until(f"Math.abs(video.currentTime - {SECONDS / 2}) < 0.5")


@pytest.mark.parametrize("width", [1400, 390])
def test_drag_an_edge_undo_and_download(page, path, videos, width):
    page.open(path, width)
    page.drag(".edge.end", 10)
    start, end = page.ends(1)
    assert start == 5.0
    assert end == pytest.approx(22, abs=60 / 300)
    assert page.now == pytest.approx(end, abs=0.06)
    page.drag(".edge.start", 30)
    assert page.ends(1) == [pytest.approx(end - 0.1), end]
    page.press("CONTROL", "z")
    assert page.ends(1) == [5.0, end]
    corrected = page.download()
    found = read_annotations(corrected)
    assert list(found) == [("v1", "latte")]
    np.testing.assert_allclose(
        found["v1", "latte"], [[0, 5, end], [1, 20.125, 30], [2, 40, 50]]
    )
    again, *others = annotate(videos, corrected)
    assert again.annotation[0, 2] == end
    assert others == videos[1:]


def test_drag_a_whole_segment_and_never_over_the_end(page, path):
    page.open(path)
    page.drag(".seg", 10)
    start, end = page.ends(1)
    assert start == pytest.approx(15, abs=0.2)
    assert end == pytest.approx(start + 7)
    page.drag('[aria-label^="End of step 3"].edge', 12)
    assert page.ends(3) == [40.0, SECONDS]


def test_an_edge_by_keys(page, path):
    page.open(path)
    edge = '.edge.end[aria-label="End of step 1, add coffee"]'
    page.press("ARROW_RIGHT", on=edge)
    # The edge is drawn anew, and has the focus still.
    assert page.run("return document.activeElement.matches(arguments[0])", edge)
    assert page.find(edge).get_attribute("aria-valuetext") == "12.1 seconds"
    page.press("SHIFT", "ARROW_LEFT", on=edge)
    assert page.ends(1) == [5.0, 11.1]
    page.press("PAGE_UP", on=edge)
    assert page.ends(1) == [5.0, 16.1]
    assert "16.1" in page.find("#status").get_attribute("textContent")


def test_steps_videos_and_undo_by_keys(page, path):
    page.open(path)
    page.press("j")
    assert page.now == 5.0
    page.press("j")
    assert page.now == pytest.approx(20.1)
    page.press("k")
    assert page.now == 5.0
    page.press("ARROW_RIGHT", "SHIFT", "ARROW_RIGHT")
    assert page.now == 11.0
    page.press("]")
    assert page.ends(1) == [5.0, 11.0]
    page.press("DELETE")
    assert page.ends(1) == []
    page.press("CONTROL", "z")
    page.press("CONTROL", "z")
    assert page.ends(1) == [5.0, 12.0]
    page.press("CONTROL", "y")
    assert page.ends(1) == [5.0, 11.0]
    page.press("n")
    assert page.find("#name").text == "v2"
    page.press("p")
    assert page.find("#name").text == "v1"
    page.press("?")
    assert page.run("return help.open")
    page.press("ESCAPE", on="#help")
    assert not page.run("return help.open")


def test_space_plays_and_pauses(page, path):
    page.open(path)
    page.press(" ")
    page.until("!video.paused && video.currentTime > 0.1")
    page.press(" ")
    page.until("video.paused")


def test_add_remove_and_type(page, path):
    page.open(path)
    page.run("arguments[0].click()", page.find('[data-key="add-row3"]'))
    assert page.ends(4) == [0.0, 9.9]
    field = page.find('input[aria-label^="End of step 4"]')
    page.run("arguments[0].select()", field)
    field.send_keys("4.5\t")
    assert page.ends(4) == [0.0, 4.5]
    page.run("arguments[0].click()", page.find('[aria-label^="Remove step 3"]'))
    found = read_annotations(page.download())["v1", "latte"]
    np.testing.assert_allclose(found, [[3, 0, 4.5], [0, 5, 12], [1, 20.125, 30]])


def test_every_control_has_a_name_and_a_visible_focus(page, path):
    from selenium.webdriver import ActionChains, Keys

    page.open(path)
    unnamed = page.run(
        "return [...document.querySelectorAll('button, input, select, [role=slider]')]"
        ".filter(n => !n.hidden && !n.closest('[hidden]') && !(n.ariaLabel ||"
        " n.textContent.trim() || n.labels?.length)).map(n => n.outerHTML)"
    )
    assert unnamed == []
    seen = []
    for _ in range(40):
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        node = page.driver.switch_to.active_element
        seen.append(node.get_attribute("aria-label") or node.text)
        if node.get_attribute("class").startswith(("seg", "edge")):
            assert node.value_of_css_property("outline-style") == "solid"
    assert seen[0] == "Skip to the video"
    i = seen.index("Start of step 1, add coffee")
    assert seen[i - 1].startswith("step 1, add coffee, 5.0 to 12.0 seconds")
    assert seen[i + 1] == "End of step 1, add coffee"


def test_filter_order_and_a_missing_file(page, path):
    page.open(path)
    page.find("#filter").send_keys("V2")
    listed = (
        "return [...document.querySelectorAll('#videos b')].map(n => n.textContent)"
    )
    assert page.run(listed) == ["v2"]
    page.find("#videos button").click()
    page.until("video.hidden")
    assert "gone.mp4 cannot be played" in page.find("#reason").text
    page.errors()  # of the file that is gone
    copy = shutil.copy(path.with_name("clip #1.wav"), path.with_name("copy.wav"))
    page.find("#file").send_keys(str(copy))
    page.until("!video.hidden && video.readyState > 0")
    assert page.run("return video.src").startswith("blob:")
    page.find("#filter").clear()
    page.find("#filter").send_keys(" ")
    page.run("order.value = 'doubt'; order.dispatchEvent(new Event('change'));")
    assert page.run(listed) == ["v2", "v1", "v3"]
    assert page.errors() == []


def test_a_thousand_videos_are_drawn_in_parts(page, tmp_path):
    path = tmp_path / "many.html"
    StepTable((f"v{i}", "t", 0, "a", 1.0, 2.0) for i in range(1000)).to_html(path)
    page.open(path)
    assert len(page.run("return [...document.querySelectorAll('#videos li')]")) == 100
    page.find("#more").click()
    assert len(page.run("return [...document.querySelectorAll('#videos li')]")) == 200


def test_the_downloaded_file_is_viewed_again(page, path, tmp_path):
    from skcrosstask._cli import main

    page.open(path)
    page.press("c")
    steps = tmp_path / "steps.csv"
    shutil.copy(page.download(), steps)
    out = tmp_path / "again.html"
    assert main(["view", str(steps), "--out", str(out)]) == 0
    text = out.read_text().split('id="data">')[1].split("</script>")[0]
    (video,) = json.loads(text)["videos"]
    assert video["steps"] == STEPS
    assert video["rows"][1] == [1, 20.125, 30.0, 25.0, 0.9, 0.4]


@pytest.mark.parametrize("width", [1400, 390])
def test_the_playhead_stays_in_sight_of_a_magnified_timeline(page, path, width):
    page.open(path, width)
    page.run("for (let i = 0; i < 3; i++) document.getElementById('in').click()")
    page.press("j", "j", "j")
    script = (
        "const b = timeline.getBoundingClientRect(),"
        " x = document.querySelector('.playhead').getBoundingClientRect().left;"
        "return b.left <= x && x <= b.right && timeline.scrollLeft"
    )
    assert page.now == 40.0
    assert page.run(script) > 0


def test_the_focus_is_kept_where_a_segment_was(page, path):
    page.open(path)
    page.press("j", "DELETE")
    focused = page.driver.switch_to.active_element.get_attribute("aria-label")
    assert focused == "Add step 1, add coffee at the playhead"
