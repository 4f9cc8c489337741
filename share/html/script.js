// What the pages of dagstat --html can do with a script; without it they only
// stand still: tables are sorted and filtered, all pages are searched, times are
// told relatively, a page of something that runs loads itself.
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

function sortBy(table, head) {
	const up = head.getAttribute("aria-sort") === "ascending";
	const body = table.tBodies[0];
	for (const other of table.tHead.rows[0].cells)
		other.removeAttribute("aria-sort");
	head.setAttribute("aria-sort", up ? "descending" : "ascending");
	const rows = [...body.rows].map((row) => [key(row, head.cellIndex), row]);
	rows.sort((a, b) => up ? compare(b[0], a[0]) : compare(a[0], b[0]));
	body.append(...rows.map((pair) => pair[1]));
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
	input.addEventListener("input", () => {
		const words = input.value.toLowerCase().split(/\s+/);
		let shown = 0;
		for (const row of rows) {
			const text = row.textContent.toLowerCase();
			row.hidden = !words.every((word) => text.includes(word));
			shown += !row.hidden;
		}
		count.textContent = input.value === "" ? "" :
		    `${shown} of ${rows.length}`;
	});
	table.parentElement.before(tools);
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

for (const table of document.querySelectorAll("table.sort"))
	makeSortable(table);
for (const table of document.querySelectorAll("table.filter"))
	makeFilter(table);
for (const time of document.querySelectorAll("time"))
	tellTime(time);

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
		if (!document.hidden && (used === document.body || used === null))
			location.reload();
	}, 10000);
