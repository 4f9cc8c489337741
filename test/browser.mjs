// browser: the pages of dagstat --html, as a browser has them.
//
//	node browser.mjs SITE SHOTS
//
// Prints a line for each thing that is wrong, and at last how many pages were
// opened. Screenshots of some pages, at two widths, go to SHOTS.
import {readdirSync, readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join, relative} from "node:path";
import {pathToFileURL} from "node:url";

const modules = createRequire(join(process.env.MODULES, "x.js"));
const {chromium} = modules("playwright-core");
const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const [site, shots] = process.argv.slice(2);
const pages = readdirSync(site, {recursive: true})
    .filter((name) => name.endsWith(".html")).sort();
const pick = JSON.parse(process.env.PICK);
let wrong = 0;

function tell(...words) {
	wrong++;
	console.log(words.join(" "));
}

const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM,
	args: ["--no-sandbox", "--disable-gpu"],
});

// a context in which no page loads itself again while it is looked at
async function contextOf(options) {
	const context = await browser.newContext(options);
	await context.addInitScript(() => {
		window.setInterval = () => 0;
	});
	return context;
}

async function go(page, name) {
	page.at = name;
	await page.goto(pathToFileURL(join(site, name)).href);
}

// a page of the browser, whose complaints are told with what it shows
async function open(context, name) {
	const page = await context.newPage();
	page.on("console", (m) => {
		if (m.type() === "error")
			tell(page.at, "console:", m.text());
	});
	page.on("pageerror", (e) => tell(page.at, "error:", e.message));
	page.on("dialog", (d) => {
		tell(page.at, "executed:", d.message());
		d.dismiss();
	});
	page.on("requestfailed", (r) => tell(page.at, "not there:", r.url()));
	await go(page, name);
	return page;
}

// every page, no error; links lead to files that there are
const wide = await contextOf({viewport: {width: 1280, height: 900}});
const known = new Set([...pages, "style.css", "script.js"]);
const page = await open(wide, pick.overview);
for (const name of pages) {
	await go(page, name);
	const base = pathToFileURL(join(site, "/")).href;
	for (const href of await page.$$eval("a[href]", (all) =>
	    all.map((a) => a.href instanceof SVGAnimatedString ?
	        new URL(a.href.baseVal, document.baseURI).href : a.href))) {
		const to = decodeURIComponent(href.replace(/#.*/, ""));
		if (!to.startsWith(base) || !known.has(to.slice(base.length)))
			tell(name, "leads nowhere:", href);
	}
}

// what people need who cannot see it, or not well: each page in one of the
// two widths and schemes; pictures of it in all four
async function judge(page, name, what) {
	await page.evaluate(axe);
	const {violations} = await page.evaluate(() =>
	    axe.run({preload: false}));
	for (const v of violations)
		if (["serious", "critical"].includes(v.impact))
			tell(name, what, v.id, v.nodes[0].html);
}

for (const width of [400, 1280]) {
	const context = await contextOf({viewport: {width, height: 900}});
	const shown = await open(context, pick.overview);
	for (const [i, [what, name]] of Object.entries(pick).entries()) {
		await go(shown, name);
		if (await shown.evaluate(() =>
		    document.documentElement.scrollWidth > innerWidth))
			tell(name, width, "is wider than the window");
		// of a graph, what failed
		if (what === "run" && await shown.evaluate(() => {
			const graph = document.querySelector(".graph");
			const room = graph.parentElement.getBoundingClientRect();
			const box = graph.querySelector(".s-failed")
			    .getBoundingClientRect();
			return box.left < room.left || box.right > room.right;
		}))
			tell(name, width, "what failed is out of sight");
		for (const colorScheme of ["light", "dark"]) {
			await shown.emulateMedia({colorScheme});
			await shown.screenshot({fullPage: true, path:
			    join(shots, `${what}-${width}-${colorScheme}.png`)});
			if ((colorScheme === "dark") === ((i + (width === 400)) % 2 === 0))
				await judge(shown, name,
				    `${width} ${colorScheme}`);
		}
	}
	await context.close();
}

// a table is sorted by a click, and by the keyboard; and filtered
await go(page, pick.run);
const column = (i) => page.$$eval("#tasks ~ .scroll tbody tr", (rows, at) =>
    rows.filter((r) => !r.hidden).map((r) => r.cells[at].textContent), i);
const names = await column(0);
await page.getByRole("button", {name: "Task", exact: true}).click();
if (String(await column(0)) !== String([...names].sort()))
	tell("not sorted:", await column(0));
await page.keyboard.press("Enter");
if (String(await column(0)) !== String([...names].sort().reverse()))
	tell("not sorted the other way:", await column(0));
await page.getByLabel("Filter").last().fill("failed CHECK");
if (String(await column(0)) !== "check")
	tell("not filtered:", await column(0));
if (await page.getByRole("status").last().textContent() !==
    `1 of ${names.length}`)
	tell("not counted");
// and so it is when the page has loaded itself again
await page.reload();
if (String(await column(0)) !== "check" ||
    await page.locator("#tasks ~ .scroll th").first()
        .getAttribute("aria-sort") !== "descending")
	tell("not kept:", await column(0));
await page.getByLabel("Filter").last().fill("");
// all pages are searched from any of them
await page.getByLabel("Search all pages").fill("FAILED weather/2012-01-05");
const hit = page.locator(".found a");
await hit.first().waitFor();
if (await hit.count() !== 1 ||
    !(await hit.textContent()).startsWith("weather 2012-01-05T"))
	tell("not found:", await hit.allTextContents());
await page.keyboard.press("Enter");
await page.waitForURL("**/weather/2012-01-05T*.html");
await page.getByLabel("Search all pages").fill("hostile script task");
await hit.first().click();
await page.waitForURL("**/hostile/*/script.html");
await page.goto(pathToFileURL(join(site, pick.run)).href);
await page.keyboard.press("Tab");
if (await page.evaluate(() => document.activeElement.className) !== "skip")
	tell("the first stop is not the way past the head");

// instances that ended well are folded, not one that failed; a filter finds all
await page.goto(pathToFileURL(join(site, pick.mapped)).href);
const seen = () => page.$$eval("#tasks ~ .scroll tbody tr", (rows) =>
    rows.filter((r) => r.checkVisibility()).map((r) =>
        r.cells[0].textContent).join(" "));
if (await seen() !== "list each each+7")
	tell("not folded:", await seen());
await page.getByLabel("Filter").last().fill("each+1");
if (await seen() !== "each+1 each+10 each+11 each+12")
	tell("not found in a fold:", await seen());
await page.getByLabel("Filter").last().fill("");
await page.getByRole("button", {name: "11 that ended well"}).focus();
await page.keyboard.press("Enter");
if ((await seen()).split(" ").length !== 14)
	tell("not unfolded:", await seen());

// on paper all of it is there, and no control
await page.emulateMedia({media: "print"});
await page.getByRole("button", {name: "11 that ended well",
    includeHidden: true}).waitFor({state: "hidden"});
if (await page.evaluate(() => [...document.querySelectorAll("pre, .scroll")]
    .some((e) => getComputedStyle(e).overflow !== "visible")))
	tell("cut off in print");

// without a script all is there, and nothing that needs one
const still = await browser.newContext({javaScriptEnabled: false});
const plain = await open(still, pick.run);
if (await plain.getByRole("button").count() ||
    await plain.getByRole("searchbox").count())
	tell("a control that does nothing without a script");
if ((await plain.locator("#tasks ~ .scroll tbody tr").count()) !==
    names.length)
	tell("without a script tasks are missing");
await plain.getByRole("link", {name: "check"}).first().click();
if (!(await plain.title()).includes("/check: failed"))
	tell("no way to the task:", await plain.title());

await browser.close();
console.log(`${pages.length} pages, ${wrong} wrong`);
