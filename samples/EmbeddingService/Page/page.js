// The page of the embedding service: a search as one types, and a map. Texts are written as textContent alone, so none of them is ever HTML.

const find = id => document.getElementById(id);
const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));
const make = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
const draw = (name, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);      // a string becomes a text node
  return element;
}

// ---- Asking the service

let key = "", keyGiven;

/** What the service answers; or an Error with its message, and after how many seconds to try again. */
async function ask(path, { body, signal } = {}) {
  const headers = { ...(body && { "Content-Type": "application/json" }), ...(key && { Authorization: `Bearer ${key}` }) };
  const used = key;
  const response = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body), signal });
  if (response.ok) return response.json();
  if (response.status === 401) {
    if (used === key) await (keyGiven ??= askForKey());
    return ask(path, { body, signal });
  }
  const { error } = await response.json();
  throw Object.assign(new Error(error.message), { retryAfter: Number(response.headers.get("Retry-After")) });
}

/** Asks whoever reads the page for a key; those who wait for one share the question. */
function askForKey() {
  const dialog = find("key-dialog");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve, reject) => dialog.addEventListener("close", () => {
    keyGiven = undefined;
    key = find("key").value.trim();
    find("key").value = "";
    if (dialog.returnValue === "given") resolve();
    else reject(new Error("Without an API key this service does not answer. Load the page again to give one."));
  }, { once: true }));
}

// ---- Search

const pause = 120;      // milliseconds without a key before the service is asked
const box = find("query"), list = find("results"), status = find("status");
let hits = [], active = -1, timer, running, watching, resting = "";      // what is said while nothing is asked

function show(found) {
  hits = found;
  list.replaceChildren(...hits.map(option));
  box.setAttribute("aria-expanded", hits.length > 0);
  activate(-1);
}

function option(hit, place) {
  const item = make("li", { role: "option", id: `result-${place}`, "aria-selected": false },
    make("div", { class: "name" }, make("code", {}, hit.name), " ", make("span", {}, hit.namespace)),
    make("p", {}, hit.summary),
    make("div", { class: "scores" }, bar("all towers", hit.score), ...hit.towers.map(({ tower, score }) => bar(tower, score))));
  item.addEventListener("click", () => choose(place));
  return item;
}

/** A cosine as a bar from 0; one below that is drawn in another colour. */
function bar(name, score) {
  const length = make("span", { class: score < 0 ? "length opposite" : "length" });
  length.style.width = `${Math.min(Math.abs(score), 1) * 100}%`;
  return make("div", { class: "bar" },
    make("span", { class: "tower" }, name), " ", make("span", { class: "track" }, length), make("span", { class: "score" }, score.toFixed(2)));
}

function activate(place) {
  list.children[active]?.setAttribute("aria-selected", false);
  active = place;
  const item = list.children[active];
  item?.setAttribute("aria-selected", true);
  item?.scrollIntoView({ block: "nearest" });
  if (item) box.setAttribute("aria-activedescendant", item.id);
  else box.removeAttribute("aria-activedescendant");
}

/** More like a member: its summary is the next query. */
function choose(place) {
  box.value = hits[place].summary;
  box.focus();
  search();
}

function later(milliseconds) {
  clearTimeout(timer);
  running?.abort();         // what was asked before is stale
  timer = setTimeout(search, milliseconds);
}

async function search() {
  clearTimeout(timer);
  running?.abort();
  const query = box.value.trim();
  if (!query) {
    show([]);
    status.textContent = resting;
    return;
  }
  const { signal } = running = new AbortController();
  try {
    const { data } = await ask("v1/search", { body: { query, top: 8 }, signal });
    show(data);
    status.textContent = `${data.length} members found.`;
  } catch (error) {
    if (signal.aborted) return;
    show([]);
    status.textContent = error.message;
    if (!error.retryAfter) return;
    await watchOnce();                          // the index may be made again, of another model
    if (!signal.aborted) later(error.retryAfter * 1000);
  }
}

box.addEventListener("input", () => later(pause));
box.addEventListener("keydown", event => {
  const moves = { ArrowDown: active + 1, ArrowUp: active < 0 ? hits.length - 1 : active - 1 };
  if (event.key in moves) {
    activate(moves[event.key] < hits.length ? moves[event.key] : -1);
  } else if (event.key === "Enter" && active >= 0) {
    choose(active);
  } else if (event.key === "Escape") {
    box.value = "";
    search();
  } else {
    return;
  }
  event.preventDefault();
});

const watchOnce = () => watching ??= watch().finally(() => { watching = undefined; });

/** Shows how far the index is, until it is made or there is none. */
async function watch() {
  const progress = find("progress");
  try {
    let state = await ask("v1/search");
    while (state.phase === "Building") {
      Object.assign(progress, { hidden: false, max: state.total || 1, value: state.done });
      status.textContent = state.message;
      await wait(500);
      state = await ask("v1/search");
    }
    status.textContent = resting = state.message;
    box.disabled = state.phase === "Absent";
  } catch (error) {
    status.textContent = error.message;
  }
  progress.hidden = true;
}

// ---- Map

const plot = find("plot"), margin = 28, longest = 30;

find("map-form").addEventListener("submit", async event => {
  event.preventDefault();
  const texts = find("texts").value.split("\n").map(line => line.trim()).filter(line => line);
  const say = find("map-status");
  try {
    if (texts.length === 0) throw new Error("There is no text; write some, one a line.");
    const { data, variance } = await ask("v1/map", { body: { input: texts } });
    drawMap(texts, data);
    find("axes").textContent = `Across ${percent(variance[0])}, up ${percent(variance[1])} of what tells the vectors apart (PCA).`;
    say.textContent = `${texts.length} texts drawn.`;
  } catch (error) {
    say.textContent = error.message;
  }
});

const percent = share => `${Math.round(share * 100)} %`;

function drawMap(texts, points) {
  find("map").hidden = false;
  find("point").textContent = "";
  const { clientWidth: width, clientHeight: height } = plot;
  plot.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const x = range(points.map(point => point.x)), y = range(points.map(point => point.y));
  const zoom = Math.min((width - 2 * margin) / x.size, (height - 2 * margin) / y.size);        // one for both: distances are comparable
  const marks = points.map((point, place) =>
    mark(texts[place], width / 2 + (point.x - x.middle) * zoom, height / 2 - (point.y - y.middle) * zoom));
  marks[0].setAttribute("tabindex", 0);
  plot.replaceChildren(...marks);
  placeLabels(marks);
}

function range(values) {
  const least = Math.min(...values), most = Math.max(...values);
  return { middle: (least + most) / 2, size: Math.max(most - least, 1e-6) };      // where all texts are one point, that is in the middle
}

function mark(text, x, y) {
  const characters = [...text];
  const label = characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : text;
  const point = draw("g", { class: "point", role: "img", "aria-label": text, tabindex: -1, transform: `translate(${x} ${y})` },
    draw("circle", { r: 6 }),
    draw("text", { y: 4.5 }, label));
  for (const event of ["focus", "pointerenter"]) point.addEventListener(event, () => { find("point").textContent = text; });
  return point;
}

/** Puts each label beside its point, where it lies on no point and no other label; where there is no room it is shown once its point is reached. */
function placeLabels(marks) {
  const frame = plot.getBoundingClientRect();
  const taken = marks.map(mark => mark.querySelector("circle").getBoundingClientRect());
  for (const mark of marks) {
    const label = mark.querySelector("text");
    const fits = side => {
      putAside(label, side);
      const box = label.getBoundingClientRect();
      return box.left > frame.left && box.right < frame.right
        && !taken.some(other => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom);
    };
    const side = ["start", "end"].find(fits);
    mark.classList.toggle("covered", !side);
    if (side) taken.push(label.getBoundingClientRect());
    else putAside(label, mark.getBoundingClientRect().left < frame.left ? "start" : "end");
  }
}

function putAside(label, side) {
  label.setAttribute("text-anchor", side);
  label.setAttribute("x", side === "start" ? 11 : -11);
}

plot.addEventListener("keydown", event => {
  const marks = [...plot.children];
  const here = marks.indexOf(event.target);
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (here < 0 || !(event.key in steps)) return;
  event.preventDefault();
  const next = marks[(here + steps[event.key] + marks.length) % marks.length];
  marks[here].setAttribute("tabindex", -1);
  next.setAttribute("tabindex", 0);
  next.focus();
});

watchOnce();
