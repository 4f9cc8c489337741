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

async function open(context, name) {
	const page = await context.newPage();
	page.on("console", (m) => {
		if (m.type() === "error")
			tell(name, "console:", m.text());
	});
	page.on("pageerror", (e) => tell(name, "error:", e.message));
	page.on("dialog", (d) => {
		tell(name, "executed:", d.message());
		d.dismiss();
	});
	page.on("requestfailed", (r) => tell(name, "not there:", r.url()));
	await page.goto(pathToFileURL(join(site, name)).href);
	return page;
}

// every page, no error; links lead to files that there are
const wide = await browser.newContext({viewport: {width: 1280, height: 900}});
const known = new Set([...pages, "style.css", "script.js"]);
for (const name of pages) {
	const page = await open(wide, name);
	const base = pathToFileURL(join(site, "/")).href;
	for (const href of await page.$$eval("a[href]", (all) =>
	    all.map((a) => a.href instanceof SVGAnimatedString ?
	        new URL(a.href.baseVal, document.baseURI).href : a.href))) {
		const to = decodeURIComponent(href.replace(/#.*/, ""));
		if (!to.startsWith(base) || !known.has(to.slice(base.length)))
			tell(name, "leads nowhere:", href);
	}
	await page.close();
}

// what people need who cannot see it, or not well, in light and dark
for (const colorScheme of ["light", "dark"])
	for (const width of [400, 1280]) {
		const context = await browser.newContext({colorScheme,
		    viewport: {width, height: 900}});
		for (const [what, name] of Object.entries(pick)) {
			const page = await open(context, name);
			await page.evaluate(axe);
			const {violations} = await page.evaluate(() => axe.run({preload: false}));
			for (const v of violations)
				if (["serious", "critical"].includes(v.impact))
					tell(name, colorScheme, width, v.id,
					    v.nodes[0].html);
			const over = await page.evaluate(() =>
			    document.documentElement.scrollWidth > innerWidth);
			if (over)
				tell(name, width, "is wider than the window");
			await page.screenshot({fullPage: true, path:
			    join(shots, `${what}-${width}-${colorScheme}.png`)});
			await page.close();
		}
		await context.close();
	}

// a table is sorted by a click, and by the keyboard; and filtered
const page = await open(wide, pick.run);
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
