// What the pages of dagstat --html can do with a script; without it they only
// stand still: tables are sorted and filtered, times are told relatively, a
// page of something that runs loads itself.
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

if (document.body.classList.contains("live"))
	setInterval(() => {
		const used = document.activeElement;
		if (!document.hidden && (used === document.body || used === null))
			location.reload();
	}, 10000);
