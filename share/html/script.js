// What the pages of dagstat --html can do with a script; without it they only
// stand still: tables are sorted, filtered and folded, all pages are searched,
// times are told relatively, a page of something that runs loads itself.
"use strict";

function key(row, column) {
	const cell = row.cells[column];
	const text = cell.dataset.sort ?? cell.querySelector("time")?.dateTime ??
	    cell.textContent.trim();
	return text !== "" && !isNaN(text) ? Number(text) : text;
}

function compare(a, b) {
	if (typeof a === "number" && typeof b === "number")
		return a - b;
	return String(a).localeCompare(String(b));
}

function sortBy(table, head, down) {
	const up = down ?? head.getAttribute("aria-sort") === "ascending";
	const body = table.tBodies[0];
	for (const other of table.tHead.rows[0].cells)
		other.removeAttribute("aria-sort");
	head.setAttribute("aria-sort", up ? "descending" : "ascending");
	const rows = [...body.rows].map((row) => [key(row, head.cellIndex), row]);
	rows.sort((a, b) => up ? compare(b[0], a[0]) : compare(a[0], b[0]));
	body.append(...rows.map((pair) => pair[1]));
	keep(table, "sort", [head.cellIndex, up]);
}

// what was sorted and filtered stays so when a page loads itself again
const storage = (() => {
	try {
		return window.sessionStorage;
	} catch {
		return null;		// in a frame that may not
	}
})();
const kept = JSON.parse(storage?.getItem(location.pathname) ?? "{}");

function keep(table, what, value) {
	(kept[tables.indexOf(table)] ??= {})[what] = value;
	storage?.setItem(location.pathname, JSON.stringify(kept));
}

function makeSortable(table) {
	for (const head of table.tHead.rows[0].cells) {
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = head.textContent;
		button.addEventListener("click", () => sortBy(table, head));
		head.replaceChildren(button);
	}
}

function makeFilter(table) {
	const rows = [...table.tBodies[0].rows];
	if (rows.length < 2)
		return;
	const tools = document.createElement("div");
	const label = document.createElement("label");
	const input = document.createElement("input");
	const count = document.createElement("span");
	tools.className = "tools";
	input.type = "search";
	count.setAttribute("role", "status");
	label.append("Filter", input);
	tools.append(label, count);
	const filter = () => {
		const words = input.value.toLowerCase().split(/\s+/);
		let shown = 0;
		for (const row of rows) {
			const text = row.textContent.toLowerCase();
			row.hidden = !words.every((word) => text.includes(word));
			shown += !row.hidden;
		}
		count.textContent = input.value === "" ? "" :
		    `${shown} of ${rows.length}`;
		table.classList.toggle("filtered", input.value !== "");
		keep(table, "filter", input.value);
	};
	input.addEventListener("input", filter);
	table.parentElement.before(tools);
	input.value = kept[tables.indexOf(table)]?.filter ?? "";
	if (input.value !== "")
		filter();
}

// instances of a mapped task that ended well are folded, if they are many
function makeFolds(table) {
	let head = null, rows = [];
	const fold = () => {
		if (rows.length > 5)
			makeFold(head, rows);
		rows = [];
	};
	for (const row of table.tBodies[0].rows)
		if (!row.classList.contains("instance")) {
			fold();
			head = row;
		} else if (head && row.querySelector(".s-success"))
			rows.push(row);
	fold();
}

function makeFold(head, rows) {
	const button = document.createElement("button");
	const show = (open) => {
		button.setAttribute("aria-expanded", open);
		button.textContent = `${open ? "\u25be" : "\u25b8"} ` +
		    `${rows.length} that ended well`;
		for (const row of rows)
			row.classList.toggle("folded", !open);
	};
	button.type = "button";
	button.className = "fold";
	button.addEventListener("click", () =>
	    show(button.getAttribute("aria-expanded") !== "true"));
	show(false);
	head.cells[1].append(button);
}

const units = [["year", 31557600], ["month", 2629800], ["day", 86400],
    ["hour", 3600], ["minute", 60]];

function tellTime(time) {
	const date = new Date(time.dateTime);
	const seconds = (date - Date.now()) / 1000;
	if (isNaN(seconds))
		return;
	const [unit, length] = units.find((u) => Math.abs(seconds) >= u[1]) ??
	    ["second", 1];
	time.title = date.toLocaleString();
	if (unit === "year" || unit === "month")
		return;
	time.textContent = new Intl.RelativeTimeFormat("en", {numeric: "auto"})
	    .format(Math.round(seconds / length), unit);
	time.title += ` (${time.dateTime})`;
}

const tables = [...document.querySelectorAll("table.sort")];
for (const table of tables) {
	makeSortable(table);
	makeFolds(table);
	makeFilter(table);
	const sort = kept[tables.indexOf(table)]?.sort;
	if (sort && table.tHead.rows[0].cells[sort[0]])
		sortBy(table, table.tHead.rows[0].cells[sort[0]], sort[1]);
}

function tellTimes() {
	for (const time of document.querySelectorAll("time"))
		tellTime(time);
}

tellTimes();
setInterval(tellTimes, 15000);

// of a graph that is larger than its room, what failed is in sight, or runs
for (const graph of document.querySelectorAll(".graph")) {
	const room = graph.parentElement;
	const box = graph.querySelector(".s-failed .box") ??
	    graph.querySelector(".s-running .box");
	if (!box)
		continue;
	room.scrollLeft = box.x.baseVal.value - room.clientWidth / 3;
	room.scrollTop = box.y.baseVal.value - room.clientHeight / 3;
}

const root = new URL(".", document.currentScript.src);
let found = null;		// [words, path, what is shown], of all pages

// called by search.js, which is loaded when somebody begins to search
function searchThrough(dags) {
	found = [];
	for (const [dag, tasks, runs] of dags) {
		const names = runs.map((run) => [run].flat());
		const add = (text, path) =>
		    found.push([text.toLowerCase(), path, text]);
		const dir = encodeURIComponent(dag) + "/";
		add(dag, `${dir}index.html`);
		for (const task of names.length ? tasks : [])
			add(`${dag} ${task} ${names[0][0]} task`, dir +
			    `${encodeURIComponent(names[0][0])}/` +
			    `${encodeURIComponent(task)}.html`);
		for (const [run, state, ...failed] of names)
			add([dag, run, state ?? "", ...failed].join(" "), dir +
			    `${encodeURIComponent(run)}.html`);
	}
	document.dispatchEvent(new Event("searchable"));
}

function showFound(input, list, status) {
	const words = input.value.toLowerCase().split(/[\s/]+/)
	    .filter((word) => word !== "");
	const hits = words.length === 0 || !found ? [] :
	    found.filter((page) => words.every((word) => page[0].includes(word)));
	list.replaceChildren(...hits.slice(0, 20).map(([, path, text]) => {
		const item = document.createElement("li");
		const link = document.createElement("a");
		link.href = new URL(path, root).href;
		link.textContent = text;
		item.append(link);
		return item;
	}));
	status.textContent = words.length === 0 || !found ? "" :
	    hits.length > 20 ? `20 of ${hits.length} pages` :
	    `${hits.length} ${hits.length === 1 ? "page" : "pages"}`;
}

function makeSearch(header) {
	const form = document.createElement("form");
	const label = document.createElement("label");
	const input = document.createElement("input");
	const status = document.createElement("span");
	const list = document.createElement("ul");
	const show = () => showFound(input, list, status);
	form.setAttribute("role", "search");
	form.className = "tools";
	input.type = "search";
	status.setAttribute("role", "status");
	list.className = "found";
	label.append("Search all pages", input);
	form.append(label, status, list);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		list.querySelector("a")?.click();
	});
	input.addEventListener("focus", () => {
		const script = document.createElement("script");
		script.src = new URL("search.js", root).href;
		document.head.append(script);
	}, {once: true});
	input.addEventListener("input", show);
	document.addEventListener("searchable", show);
	header.append(form);
}

makeSearch(document.querySelector("header"));

if (document.body.classList.contains("live"))
	setInterval(() => {
		const used = document.activeElement;
		if (!document.hidden && getSelection().isCollapsed &&
		    (used === document.body || used === null))
			location.reload();
	}, 10000);
