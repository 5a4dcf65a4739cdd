'use strict';
(() => {
const STEP = 0.1, N_COLOURS = 12, PAGE = 100;
const DEEP = new Set([0, 6, 8, 9, 11]);   // colours that take white text
const HEADER = ['video', 'task', 'step', 'text', 'start', 'end', 'time', 'present', 'confidence'];
// As in Python's files: a spreadsheet must not run a name.
const FORMULA = /^'*(?:[=@\t\r]|[+-](?![\p{L}\p{N}_-]*\n?$))/u;
const $ = id => document.getElementById(id);
const player = $('video');
const videos = JSON.parse($('data').textContent).videos;

let current;                 // the video shown
let now = 0;                 // the playhead, also where there is no file
let selected = null;         // a segment
let zoom = 1, shown = PAGE, ids = 0, unsaved = false, dragging = false;
const past = [], future = [];
const opened = new Map();    // video → URL of a file that the user chose

for (const video of videos) {
  video.segments = video.rows.filter(r => r[1] !== null || r[3] !== null).map(
    ([step, start, end, time, present, confidence]) => ({id: ++ids, step, start, end, time, present, confidence}));
  video.present = Object.fromEntries(video.rows.map(r => [r[0], r[4]]));
  const sure = video.segments.map(s => s.confidence).filter(c => c !== null);
  video.doubt = sure.length ? sure.reduce((a, b) => a + b) / sure.length : 2;
  video.text = [video.name, video.task, video.title, ...video.steps].join('\n').toLowerCase();
  video.checked = false;
}

// ---------------------------------------------------------------- small helpers
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value === true) node.setAttribute(key, '');
    else if (value !== null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter(child => child !== null));
  return node;
}
const narrow = () => innerWidth <= 760;
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const round = x => Math.round(x / STEP) / 10;
const percent = x => x === null || x === undefined ? '–' : `${Math.round(100 * x)}\u00a0%`;
const seconds = x => x.toFixed(1);
function clock(t) {
  const s = Math.floor(t + 1e-6), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  const pad = n => String(n).padStart(2, '0');
  return (h ? `${h}:${pad(m)}` : String(m)) + `:${pad(s % 60)}`;
}
const colour = step => `var(--c${step % N_COLOURS})`;
const whole = segment => segment.start !== null;
const at = segment => whole(segment) ? segment.start : segment.time;
const ordered = () => [...current.segments].sort((a, b) => at(a) - at(b) || a.step - b.step);
const textOf = step => current.steps[step] || `step ${step + 1}`;
const titleOf = step => `step ${step + 1}, ${textOf(step)}`;
const say = text => { $('status').textContent = text; };
function place(node, start, end) {
  node.style.left = `${100 * start / current.length}%`;
  if (end !== undefined) node.style.width = `${100 * (end - start) / current.length}%`;
  return node;
}
function lengthOf(video) {
  const ends = [...video.segments.map(s => s.end ?? s.time + 1), ...video.truth.map(r => r[2]), ...video.windows.map(r => r[2])];
  const known = video === current && Number.isFinite(player.duration) ? player.duration : 0;
  return Math.max(video.duration || known || 1.05 * Math.max(...ends, 1), known, ...ends, 1);
}

// ---------------------------------------------------------------- list of videos
function matching() {
  const words = $('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = videos.filter(video => words.every(word => video.text.includes(word)));
  if ($('order').value === 'doubt') found.sort((a, b) => a.doubt - b.doubt);
  if ($('order').value === 'open') found.sort((a, b) => a.checked - b.checked);
  return found;
}
function listVideos() {
  const found = matching();
  $('count').textContent = found.length < videos.length ? `${found.length} of ${videos.length}` : videos.length;
  $('videos').replaceChildren(...found.slice(0, shown).map(video => make('li', {},
    make('button', {type: 'button', 'aria-current': video === current && 'true', onclick: () => { if (narrow()) $('browser').open = false; show(video); }},
      make('b', {}, video.name),
      make('span', {class: 'done'}, video.checked ? make('span', {class: 'sr'}, 'checked') : '', video.checked ? '✓' : ''),
      make('small', {}, video.title || video.task), make('small', {title: 'mean confidence'}, video.doubt > 1 ? '' : percent(video.doubt))))));
  $('more').hidden = found.length <= shown;
}
function neighbour(by) {
  const found = matching(), i = found.indexOf(current) + by;
  if (found[i]) { shown = Math.max(shown, i + 1); show(found[i]); }
}

// ---------------------------------------------------------------- the player
function show(video) {
  player.pause();
  current = video;
  selected = null;
  now = 0;
  const source = opened.get(video) || video.source;
  if (source) player.src = source; else player.removeAttribute('src');
  player.load();
  player.hidden = !source;
  $('missing').hidden = Boolean(source);
  $('reason').textContent = 'No video file is known. The timeline works without one.';
  player.setAttribute('aria-label', `Video ${video.name}`);
  $('name').textContent = video.name;
  const title = video.title ? `${video.title} (${video.task})` : video.task;
  $('task').textContent = title;
  render();
  listVideos();
}
function lost() {
  if (!current || !player.getAttribute('src')) return;
  player.hidden = true;
  $('missing').hidden = false;
  $('reason').textContent = `${current.file || current.name} cannot be played: it is not where the page expects it, or the browser does not know its format.`;
}
function openFiles(files) {
  const stem = name => name.replace(/\.[^.]*$/, '');
  for (const file of files) {
    const named = videos.filter(v => v.file === file.name || stem(file.name) === v.name);
    for (const video of named.length ? named : [current]) opened.set(video, URL.createObjectURL(file));
  }
  show(current);
}
function seek(t) {
  now = clamp(t, 0, current.length);
  if (!player.hidden && player.readyState > 0) player.currentTime = Math.min(now, player.duration || now);
  follow();
  reveal();
}
const toggle = () => { if (!player.hidden) player.paused ? player.play().catch(lost) : player.pause(); };
function follow() {
  document.documentElement.style.setProperty('--t', now / current.length);
  $('strip').setAttribute('aria-valuenow', seconds(now));
  $('strip').setAttribute('aria-valuetext', `${clock(now)} of ${clock(current.length)}`);
  $('clock').textContent = `${clock(now)} / ${clock(current.length)}`;
  const going = new Set(current.segments.filter(s => whole(s) && s.start <= now && now < s.end).map(s => s.step));
  $('doing').textContent = [...going].sort((a, b) => a - b).map(k => `${k + 1}. ${textOf(k)}`).join(' · ');
  for (const row of $('timeline').querySelectorAll('.row')) row.classList.toggle('now', going.has(Number(row.dataset.step)));
}
// Where the timeline is magnified, the playhead stays in sight.
function reveal() {
  const box = $('timeline'), label = narrow() ? 0 : box.querySelector('.label')?.offsetWidth || 0;
  const x = (box.scrollWidth - label) * now / current.length, left = box.scrollLeft, wide = box.clientWidth - label;
  if (zoom > 1 && !dragging && (x < left || x > left + wide)) box.scrollLeft = x - wide / 4;
}
function tick() {
  if (player.hidden) return;
  now = player.currentTime;
  follow();
  reveal();
}
function run() {
  if (player.paused) return;
  tick();
  requestAnimationFrame(run);
}

// ---------------------------------------------------------------- drawing
function render() {
  current.length = lengthOf(current);
  const key = document.activeElement?.dataset?.key;
  const scroll = $('timeline').scrollLeft;
  $('strip').setAttribute('aria-valuemax', seconds(current.length));
  $('strip').replaceChildren(...ordered().filter(whole).map(segment => {
    const mark = place(make('i', {title: `${segment.step + 1}. ${textOf(segment.step)}`}), segment.start, segment.end);
    mark.style.background = colour(segment.step);
    return mark;
  }));
  $('rows').replaceChildren(...current.steps.flatMap((_, step) => tableRows(step)));
  $('timeline').replaceChildren(make('div', {class: 'canvas'}, axis(),
    ...current.steps.map((_, step) => timelineRow(step)), make('div', {class: 'playhead'})));
  $('timeline').scrollLeft = scroll;
  $('checked').checked = current.checked;
  $('undo').disabled = !past.length;
  $('redo').disabled = !future.length;
  const done = videos.filter(video => video.checked).length;
  $('download').disabled = !done;
  $('download').textContent = done ? `Download CSV (${done})` : 'Download CSV';
  $('download').title = done ? 'Checked and corrected videos' : 'Correct a video, or mark it as checked, first';
  legend();
  mark();
  follow();
  if (key) document.querySelector(`[data-key="${key}"]`)?.focus({preventScroll: true});
}
function chip(step) {
  const node = make('span', {class: DEEP.has(step % N_COLOURS) ? 'chip deep' : 'chip', 'aria-hidden': 'true'}, String(step + 1));
  node.style.background = colour(step);
  return node;
}
function known(step) {
  const spans = rows => rows.filter(r => r[0] === step).map(r => `${seconds(r[1])}–${seconds(r[2])} s`).join(', ');
  const truth = spans(current.truth), windows = spans(current.windows);
  return [truth && `truth ${truth}`, windows && `window ${windows}`].filter(Boolean).join(' · ');
}
function tableRows(step) {
  const own = ordered().filter(s => s.step === step), note = known(step);
  const name = (segment) => make('th', {scope: 'row'},
    make('button', {type: 'button', class: 'step', 'data-key': `name${step}-${segment?.id}`, onclick: () => segment && go(segment)},
      chip(step), make('span', {}, make('span', {class: 'sr'}, `Step ${step + 1}: `), textOf(step))),
    note ? make('small', {}, note) : null);
  if (!own.length) {
    const chance = current.present[step];
    return [make('tr', {'data-step': step}, name(), make('td', {colspan: 2, class: 'muted'},
      chance === null || chance === undefined ? 'left out' : `left out; ${percent(chance)} likely`),
    make('td', {}, '–'), make('td', {}, adder(step, 'table')))];
  }
  return own.map(segment => make('tr', {'data-segment': segment.id}, name(segment),
    make('td', {}, field(segment, 'start')), make('td', {}, field(segment, 'end')),
    make('td', {}, segment.edited ? make('span', {title: 'corrected'}, '✎', make('span', {class: 'sr'}, 'corrected')) : percent(segment.confidence)),
    make('td', {}, make('button', {type: 'button', class: 'icon', title: 'Remove', 'aria-label': `Remove ${titleOf(step)}`, onclick: () => remove(segment)}, '✕'))));
}
function field(segment, side) {
  const value = segment[side];
  return make('input', {type: 'number', step: STEP, min: 0, value: value === null ? '' : seconds(value), placeholder: value === null ? seconds(segment.time) : null,
    'aria-label': `${side === 'start' ? 'Start' : 'End'} of ${titleOf(segment.step)}, in seconds`, 'data-key': `${side}-field${segment.id}`,
    onfocus: () => select(segment),
    onchange: event => { const t = event.target.valueAsNumber; Number.isFinite(t) ? edit(segment, side, t) : render(); }});
}
const adder = (step, where) => make('button', {type: 'button', class: 'icon', title: 'Add here (a)', 'data-key': `add-${where}${step}`,
  'aria-label': `Add ${titleOf(step)} at the playhead`, onclick: () => add(step)}, '+');
function axis() {
  const space = (($('timeline').clientWidth || 800) - (narrow() ? 0 : 270)) * zoom / 70;
  const gap = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200].find(g => current.length / g <= space) || 14400;
  const ticks = make('div', {onclick: event => seek(timeAt(event, event.currentTarget))});
  // A label at the very end would be cut off.
  for (let t = 0; t === 0 || t + gap / 2 < current.length; t += gap) ticks.append(place(make('span', {}, clock(t)), t));
  return make('div', {class: 'axis', 'aria-hidden': 'true'}, make('div', {class: 'label'}), ticks);
}
function timelineRow(step) {
  const own = ordered().filter(s => s.step === step);
  const track = make('div', {class: 'track', onclick: event => event.target === event.currentTarget && seek(timeAt(event, track))});
  const band = (kind, [, start, end]) => place(make('div', {class: kind, 'aria-hidden': 'true'}), start, end);
  const given = rows => rows.filter(r => r[0] === step);
  track.append(...given(current.windows).map(r => band('window', r)), ...given(current.truth).map(r => band('truth', r)));
  for (const segment of own) track.append(...segmentNodes(segment, track));
  const sure = own.filter(s => s.confidence !== null && !s.edited).map(s => s.confidence);
  return make('div', {class: `row${own.length ? '' : ' gone'}`, role: 'group', 'data-step': step, 'aria-label': `Step ${step + 1}: ${textOf(step)}`},
    make('div', {class: 'label'}, make('button', {type: 'button', class: 'step', tabindex: -1, onclick: () => own[0] && go(own[0])}, chip(step), textOf(step)),
      make('span', {class: 'conf'}, sure.length ? percent(Math.max(...sure)) : ''), adder(step, 'row')),
    track);
}
function segmentNodes(segment, track) {
  const nodes = [];
  const best = segment.time !== null && place(make('i', {class: 'best', 'aria-hidden': 'true'}), segment.time);
  const name = `${titleOf(segment.step)}, ${whole(segment) ? `${seconds(segment.start)} to ${seconds(segment.end)}` : `at ${seconds(segment.time)}`} seconds`
    + (segment.edited ? ', corrected' : segment.confidence === null ? '' : `, confidence ${percent(segment.confidence)}`);
  const body = make('button', {type: 'button', class: 'seg', 'aria-label': name, title: name, 'data-key': `seg${segment.id}`, 'data-segment': segment.id,
    onfocus: () => select(segment), onclick: () => go(segment), onpointerdown: event => drag(event, segment, 'move', track)});
  body.style.setProperty('--c', colour(segment.step));
  body.style.setProperty('--o', segment.edited || segment.confidence === null ? 0.9 : 0.25 + 0.75 * segment.confidence);
  nodes.push(whole(segment) ? place(body, segment.start, segment.end) : place(body, segment.time, segment.time));
  if (best) nodes.push(best);
  if (!whole(segment)) return nodes;
  for (const side of ['start', 'end']) {
    const edge = make('div', {class: `edge ${side}`, role: 'slider', tabindex: 0, 'data-key': `${side}${segment.id}`, 'data-segment': segment.id,
      'aria-label': `${side === 'start' ? 'Start' : 'End'} of ${titleOf(segment.step)}`, 'aria-orientation': 'horizontal',
      'aria-valuemin': '0', 'aria-valuemax': seconds(current.length), 'aria-valuenow': seconds(segment[side]), 'aria-valuetext': `${seconds(segment[side])} seconds`,
      onfocus: () => select(segment), onkeydown: event => nudge(event, segment, side), onpointerdown: event => drag(event, segment, side, track)});
    nodes.push(place(edge, segment[side]));
  }
  return nodes;
}
function legend() {
  const item = (kind, text) => make('li', {}, make('i', {class: kind, 'aria-hidden': 'true'}), text);
  const some = test => current.segments.some(test);
  $('legend').replaceChildren(item('fade', 'step; stronger is surer'),
    ...(some(s => s.time !== null) ? [item('best', 'best moment')] : []),
    ...(current.truth.length ? [item('truth', 'truth')] : []), ...(current.windows.length ? [item('window', 'window of narration')] : []));
}
function mark() {
  for (const node of document.querySelectorAll('[data-segment]')) node.classList.toggle('on', selected !== null && node.dataset.segment === String(selected.id));
}
function select(segment) { selected = segment; mark(); }
function go(segment) { select(segment); seek(at(segment)); }

// ---------------------------------------------------------------- corrections
const copy = video => ({video, segments: video.segments.map(s => ({...s})), checked: video.checked});
function change(action, message) {
  past.push(copy(current));
  future.length = 0;
  action();
  current.checked = unsaved = true;
  finish(message);
}
function finish(message) {
  selected = selected && current.segments.find(s => s.id === selected.id) || null;
  render();
  listVideos();
  say(message);
}
function restore(from, to, message) {
  const saved = from.pop();
  if (!saved) return;
  to.push(copy(saved.video));
  Object.assign(saved.video, {segments: saved.segments, checked: saved.checked});
  unsaved = true;
  if (saved.video !== current) show(saved.video);
  finish(message);
}
// A segment may not run over another one of its step.
function bounds(segment) {
  const others = current.segments.filter(s => s !== segment && s.step === segment.step && whole(s));
  const middle = whole(segment) ? (segment.start + segment.end) / 2 : segment.time;
  const before = others.filter(s => (s.start + s.end) / 2 < middle).map(s => s.end);
  const after = others.filter(s => (s.start + s.end) / 2 >= middle).map(s => s.start);
  return [Math.max(0, ...before), Math.min(current.length, ...after)];
}
function moved(segment, side, t) {
  const [low, high] = bounds(segment);
  let {start, end} = whole(segment) ? segment : {start: segment.time, end: Math.min(segment.time + 1, high)};
  if (side === 'start') start = clamp(round(t), low, Math.max(low, end - STEP));
  if (side === 'end') end = clamp(round(t), Math.min(high, start + STEP), high);
  if (side === 'move') { const size = end - start; start = clamp(round(t), low, high - size); end = start + size; }
  return {start: tidy(start), end: tidy(end)};
}
const tidy = t => Math.round(1000 * t) / 1000;
function assign(segment, ends) {
  Object.assign(segment, ends, {edited: true, confidence: null, present: null});
  if (segment.time !== null && !(ends.start <= segment.time && segment.time < ends.end)) segment.time = null;
}
const edit = (segment, side, t) => settle(segment, moved(segment, side, t));
function settle(segment, ends) {
  if (ends.start === segment.start && ends.end === segment.end) return render();
  change(() => assign(segment, ends), `${titleOf(segment.step)}: ${seconds(ends.start)} to ${seconds(ends.end)} seconds`);
}
function nudge(event, segment, side) {
  const by = {ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -5, PageUp: 5}[event.key];
  if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  const t = segment[side] + (event.shiftKey && Math.abs(by) === STEP ? 10 * by : by);
  edit(segment, side, t);
  seek(segment[side]);
}
function timeAt(event, track) {
  const box = track.getBoundingClientRect();
  return (event.clientX - box.left) / box.width * current.length;
}
function drag(event, segment, side, track) {
  if (event.button !== 0 || (side === 'move' && !whole(segment))) return;
  const node = event.currentTarget, from = event.clientX, video = current, grip = timeAt(event, track) - (side === 'end' ? segment.end : segment.start);
  const parts = [...track.querySelectorAll(`[data-segment="${segment.id}"]`)];
  const slack = event.pointerType === 'mouse' ? 3 : 8;   // a finger trembles
  let ends = null;
  node.setPointerCapture(event.pointerId);
  node.focus({preventScroll: true});
  const move = step => {
    if (ends === null && Math.abs(step.clientX - from) < slack) return;
    dragging = true;
    ends = moved(segment, side, timeAt(step, track) - grip);
    for (const part of parts) part.classList.contains('seg') ? place(part, ends.start, ends.end) : place(part, part.classList.contains('start') ? ends.start : ends.end);
    seek(side === 'end' ? ends.end : ends.start);
  };
  const stop = last => {
    dragging = false;
    node.removeEventListener('pointermove', move);
    node.removeEventListener('pointerup', stop);
    node.removeEventListener('pointercancel', stop);
    if (last.type === 'pointercancel') return render();
    if (ends === null) return;
    // The click that follows must not send the playhead elsewhere.
    const swallow = click => click.stopPropagation();
    addEventListener('click', swallow, true);
    setTimeout(() => {
      removeEventListener('click', swallow, true);
      if (video === current) settle(segment, ends);
    });
  };
  node.addEventListener('pointermove', move);
  node.addEventListener('pointerup', stop);
  node.addEventListener('pointercancel', stop);
}
function add(step) {
  const own = current.segments.filter(s => s.step === step && whole(s));
  const inside = own.find(s => s.start <= now && now < s.end);
  if (inside) { go(inside); return say(`${titleOf(step)} is already here`); }
  const next = Math.min(current.length, ...own.filter(s => s.start > now).map(s => s.start));
  const sizes = current.segments.filter(whole).map(s => s.end - s.start).sort((a, b) => a - b);
  const size = sizes.length ? sizes[sizes.length >> 1] : 5;
  const start = Math.max(0, Math.min(round(now), tidy(next - STEP))), end = tidy(Math.min(next, start + size));
  change(() => {
    // A lone moment of the step becomes the new segment.
    current.segments = current.segments.filter(s => s.step !== step || whole(s));
    selected = {id: ++ids, step, start, end, time: null, present: null, confidence: null, edited: true};
    current.segments.push(selected);
  }, `added ${titleOf(step)}, ${seconds(start)} to ${seconds(end)} seconds`);
}
function remove(segment) {
  change(() => {
    current.segments = current.segments.filter(s => s !== segment);
    current.present[segment.step] = null;
  }, `removed ${titleOf(segment.step)}`);
  if (document.activeElement === document.body) document.querySelector(`[data-key="add-row${segment.step}"]`).focus({preventScroll: true});
}

// ---------------------------------------------------------------- the corrected file
function csv() {
  const cell = x => {
    let text = x === null || x === undefined ? '' : String(x);
    if (typeof x === 'string' && FORMULA.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [HEADER];
  for (const video of videos.filter(v => v.checked)) {
    video.steps.forEach((text, step) => {
      const own = video.segments.filter(s => s.step === step).sort((a, b) => at(a) - at(b));
      const rows = own.length ? own : [{start: null, end: null, time: null, present: video.present[step], confidence: null}];
      for (const s of rows) lines.push([video.name, video.task, step + 1, text, s.start, s.end, s.time, s.present, s.confidence]);
    });
  }
  return lines.map(line => line.map(cell).join(',') + '\n').join('');
}
function download() {
  const url = URL.createObjectURL(new Blob([csv()], {type: 'text/csv'}));
  make('a', {href: url, download: 'corrected.csv'}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  unsaved = false;
  say('corrected.csv is downloaded');
}
function check(value) {
  past.push(copy(current));
  future.length = 0;
  current.checked = value;
  unsaved = true;
  finish(value ? 'checked' : 'not checked');
}

// ---------------------------------------------------------------- keyboard and events
function goBy(by) {
  const all = ordered();
  if (!all.length) return;
  let i = all.indexOf(selected);
  if (i < 0) i = by > 0 ? all.findIndex(s => at(s) > now - STEP / 2) - 1 : all.filter(s => at(s) < now).length;
  const next = all[clamp(i + by, 0, all.length - 1)];
  go(next);
  document.querySelector(`[data-key="seg${next.id}"]`)?.focus({preventScroll: true});
  document.querySelector(`tr[data-segment="${next.id}"]`)?.scrollIntoView({block: 'nearest'});
  say(`${titleOf(next.step)}, ${seconds(at(next))} seconds`);
}
function magnify(by) {
  zoom = clamp(zoom * by, 1, 32);
  document.documentElement.style.setProperty('--zoom', zoom);
  $('zoom').textContent = `${zoom}×`;
  render();
  reveal();
}
const KEYS = {
  ' ': toggle, j: () => goBy(1), k: () => goBy(-1), n: () => neighbour(1), p: () => neighbour(-1), '?': () => $('help').showModal(),
  '[': () => selected && edit(selected, 'start', now), ']': () => selected && edit(selected, 'end', now),
  a: () => selected && add(selected.step), c: () => check(!current.checked),
  Delete: () => selected && remove(selected), Backspace: () => selected && remove(selected),
  '+': () => magnify(2), '-': () => magnify(0.5),
  ArrowLeft: event => seek(now - (event.shiftKey ? 5 : 1)), ArrowRight: event => seek(now + (event.shiftKey ? 5 : 1)),
};
const undo = () => restore(past, future, 'undone'), redo = () => restore(future, past, 'redone');
addEventListener('keydown', event => {
  const where = event.target;
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(where.tagName) && where.type !== 'checkbox';
  if (typing || $('help').open || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    const key = event.key.toLowerCase(), again = key === 'y' || (key === 'z' && event.shiftKey);
    if (again || key === 'z') { event.preventDefault(); again ? redo() : undo(); }
    return;
  }
  // Space presses a button or ticks a box, as everywhere; on a segment it plays.
  if (event.key === ' ' && where.matches('button:not(.seg), input, summary')) return;
  if (where === player && ' ArrowLeft ArrowRight'.includes(event.key)) return;
  const act = KEYS[event.key];
  if (act) { event.preventDefault(); act(event); }
});
// A button is pressed when Space is let go.
addEventListener('keyup', event => { if (event.key === ' ' && event.target.matches?.('.seg')) event.preventDefault(); });
addEventListener('beforeunload', event => { if (unsaved) event.preventDefault(); });
addEventListener('resize', () => {
  if (!current || document.activeElement?.matches('td input')) return;   // a keyboard on the screen
  render();
  reveal();
});
player.addEventListener('play', run);
player.addEventListener('seeked', tick);
player.addEventListener('loadedmetadata', () => { if (now) player.currentTime = now; render(); });
player.addEventListener('error', lost);
$('open').onclick = () => $('file').click();
$('file').onchange = event => { openFiles(event.target.files); event.target.value = ''; };
$('filter').oninput = $('order').onchange = () => { shown = PAGE; listVideos(); };
$('more').onclick = () => { shown += PAGE; listVideos(); };
$('checked').onchange = event => check(event.target.checked);
$('undo').onclick = undo;
$('redo').onclick = redo;
$('download').onclick = download;
$('keys').onclick = () => $('help').showModal();
$('in').onclick = () => magnify(2);
$('out').onclick = () => magnify(0.5);
const scrub = event => { if (event.buttons & 1) seek(timeAt(event, $('strip'))); };
$('strip').onpointerdown = event => { $('strip').setPointerCapture(event.pointerId); scrub(event); };
$('strip').onpointermove = scrub;

$('browser').open = !narrow();
if (videos.length === 1) $('browser').open = false;
if (videos.length) show(videos[0]);
else { $('name').textContent = 'The table is empty.'; document.querySelector('.stage').hidden = true; }
})();
