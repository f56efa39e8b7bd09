// Opens a notebook in JupyterLab in Chromium, as a person does: opens its page, chooses
// Run > Run All Cells, waits for the last cell, and looks at what is on the page.
// environment/browse calls it; see there.

import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    modules: { type: "string" }, // where playwright-core is installed
    chromium: { type: "string" },
    lab: { type: "string" }, // environment/lab
    runtime: { type: "string" }, // where the server notes its address
    pages: { type: "string" }, // folder for the pictures
    notebook: { type: "string" },
    file: { type: "string" }, // the notebook's file, where JupyterLab saves it
    picture: { type: "boolean" }, // whether a picture and a text that a model wrote must be on the page
    slider: { type: "string" }, // a notebook's file whose temperature slider is tried as well
    minutes: { type: "string", default: "30" }, // a busy machine takes several times the usual
  },
});
const { chromium } = createRequire(join(options.modules, "x"))("playwright-core");
const limit = Number(options.minutes) * 60_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What a signal has to end; each is here from the moment there is one.
let lab, server, browser;
let stopping = false;

/** Starts JupyterLab on a free port of this machine and returns its address and token. */
async function startLab() {
  lab = spawn(options.lab, ["--no-browser", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a group of its own, so that its kernels end with it
  });
  let log = "";
  lab.stdout.on("data", (data) => (log += data));
  lab.stderr.on("data", (data) => (log += data));
  for (let waited = 0; waited < 120_000; waited += 200) {
    if (lab.exitCode !== null) break;
    try {
      const file = readdirSync(options.runtime).find((name) => /^jpserver-\d+\.json$/.test(name));
      const server = JSON.parse(readFileSync(join(options.runtime, file), "utf8"));
      return { url: server.url, token: server.token, log: () => log };
    } catch {
      await sleep(200);
    }
  }
  stopLab();
  throw new Error("JupyterLab did not start:\n" + log);
}

function stopLab() {
  try {
    process.kill(-lab.pid, "SIGTERM");
  } catch {
    // There is none, or it has ended by itself.
  }
}

/** Asks the server to end the kernels; they do not belong to its process group. */
async function endKernels({ url, token }) {
  const headers = { Authorization: `token ${token}` };
  const kernels = await (await fetch(`${url}api/kernels`, { headers })).json();
  await Promise.all(kernels.map(({ id }) => fetch(`${url}api/kernels/${id}`, { method: "DELETE", headers })));
}

/** Ctrl-C ends everything: JupyterLab and Chromium have groups of their own, which it does not reach. */
async function stop() {
  if (stopping) return; // it takes ten seconds at most
  stopping = true;
  const ended = Promise.allSettled([server && endKernels(server), browser?.close()]);
  await Promise.race([ended, sleep(10_000)]);
  stopLab();
  process.exit(130);
}

/** What the code cells of the page show, read from the page itself. */
function readPage() {
  const text = (element) => element?.innerText ?? "";
  return [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell")]
    .map((cell, index) => ({ cell, index }))
    .filter(({ cell }) => cell.classList.contains("jp-CodeCell"))
    .map(({ cell, index }) => {
      const output = cell.querySelector(".jp-Cell-outputArea");
      const error = output?.querySelector('[data-mime-type="application/vnd.jupyter.error"]');
      const red = output?.querySelector('[data-mime-type="application/vnd.jupyter.stderr"]');
      return {
        index,
        prompt: text(cell.querySelector(".jp-InputPrompt")).trim(),
        source: text(cell.querySelector(".cm-content")),
        text: [...(output?.querySelectorAll(".jp-OutputArea-output") ?? [])].map(text).join("\n").trim(),
        error: text(error).trim(),
        red: text(red).trim(),
        pictures: [...(output?.querySelectorAll(".jp-OutputArea-output :is(img, canvas, svg)") ?? [])].filter(
          (picture) => (picture.naturalWidth ?? picture.clientWidth) > 0,
        ).length,
        broken: [...(output?.querySelectorAll("img") ?? [])].filter(
          (picture) => picture.complete && picture.naturalWidth === 0,
        ).length,
      };
    });
}

/** How far the code cells of the page are: little to ask for, since it is asked often. */
function readProgress() {
  const cells = [...document.querySelectorAll(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-CodeCell")];
  const prompts = cells.map((cell) => cell.querySelector(".jp-InputPrompt")?.textContent ?? "");
  const written = (cell) => cell.querySelector(".cm-content")?.textContent.trim();
  return {
    started: prompts.some((prompt) => /[\d*]/.test(prompt)),
    waiting: cells.filter((cell, i) => !/\[\d+\]/.test(prompts[i]) && written(cell)).length,
    failed: cells.some((cell) => cell.querySelector('[data-mime-type="application/vnd.jupyter.error"]')),
  };
}

/** Chooses Run > Run All Cells. */
async function runAll(page) {
  await page.locator("#jp-MainMenu .lm-MenuBar-item", { hasText: /^Run$/ }).click();
  await page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click();
}

/** Waits until no cell waits or runs and the kernel is idle; returns the cells. */
async function untilDone(page, begin) {
  const tail = () => `after ${Math.round((Date.now() - begin) / 1000)} s`;
  let quiet = 0;
  while (Date.now() - begin < limit) {
    const { started, waiting, failed } = await page.evaluate(readProgress);
    if (!started && Date.now() - begin > 60_000) {
      throw new Error("Run All Cells was chosen, but a minute later no cell runs");
    }
    const idle = (await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').count()) > 0;
    // Twice in a row, for the page draws a cell's output a moment after its number.
    quiet = idle && (failed || waiting === 0) ? quiet + 1 : 0;
    if (quiet === 2) return page.evaluate(readPage);
    if (await page.locator(".jp-Dialog").count()) {
      const dialog = await page.locator(".jp-Dialog").first().innerText();
      throw new Error(`JupyterLab asks something ${tail()}: ${dialog.replaceAll("\n", " / ")}`);
    }
    await sleep(Date.now() - begin < 30_000 ? 250 : 1000);
  }
  const cells = await page.evaluate(readPage);
  const open = cells.find((cell) => !/\[\d+\]/.test(cell.prompt));
  throw new Error(`not done ${tail()}; the first cell that is not: ${open?.source}`);
}

/** Chooses File > Save Notebook, and keeps the notebook as it was run beside the pictures. */
async function save(page) {
  const before = statSync(options.file).mtimeMs;
  const saved = () => {
    try {
      return statSync(options.file).mtimeMs !== before && JSON.parse(readFileSync(options.file, "utf8"));
    } catch {
      return false; // Jupyter empties the file before it fills it
    }
  };
  await page.locator("#jp-MainMenu .lm-MenuBar-item", { hasText: /^File$/ }).click();
  await page.locator('.lm-Menu-item[data-command="docmanager:save"]').click();
  for (let waited = 0; !saved(); waited += 500) {
    if (waited > 30_000) throw new Error("File > Save Notebook was chosen, but half a minute later nothing is saved");
    await sleep(500);
  }
  copyFileSync(options.file, join(options.pages, `${basename(options.notebook)}.ipynb`));
}

/** Pictures of the whole notebook and of each cell, in a window as tall as they need. */
async function photograph(page) {
  rmSync(options.pages, { recursive: true, force: true });
  mkdirSync(options.pages, { recursive: true });
  const panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)");
  const cells = panel.locator(".jp-Notebook .jp-Cell");
  const count = await cells.count();
  // What a reader sees around the first picture.
  const picture = panel.locator(".jp-OutputArea-output img").first();
  if (await picture.count()) {
    await picture.evaluate((image) => image.scrollIntoView({ block: "center" }));
    await sleep(500);
    await page.screenshot({ path: join(options.pages, "view.png") });
  }
  await panel.locator(".jp-Cell").first().evaluate((cell) => cell.scrollIntoView());
  const height = await panel
    .locator(".jp-Notebook")
    .evaluate((notebook) =>
      [...notebook.querySelectorAll(".jp-Cell")].reduce((sum, cell) => sum + cell.offsetHeight, 0),
    );
  // Chromium draws no picture taller than 16,384 points; a longer notebook is scrolled.
  await page.setViewportSize({ width: 1280, height: Math.min(16_000, Math.max(900, height + 300)) });
  await sleep(500);
  await page.screenshot({ path: join(options.pages, "page.png") });
  for (let i = 0; i < count; i++) {
    const name = `cell-${String(i + 1).padStart(3, "0")}.png`;
    await cells.nth(i).screenshot({ path: join(options.pages, name) });
  }
  return count;
}

/** Moves the temperature slider of a saved notebook by keyboard, on a page without a kernel. */
async function trySlider(browser) {
  const { cells } = JSON.parse(readFileSync(options.slider, "utf8"));
  const pages = cells.flatMap((cell) => cell.outputs ?? []).map((output) => output.data?.["text/html"]);
  const html = pages.map((page) => [page].flat().join("")).find((page) => page.includes("tinker-temperature"));
  if (!html) throw new Error(`no temperature slider is in ${options.slider}`);
  const page = await browser.newPage();
  await page.setContent(html);
  const look = () =>
    page.evaluate(() => ({
      value: document.querySelector("input[type=range]").getAttribute("aria-valuetext"),
      bar: document.querySelector("span > span").style.width,
      sample: document.querySelector("[aria-live]").textContent,
    }));
  const before = await look();
  await page.locator("input[type=range]").focus();
  await page.keyboard.press("End");
  const after = await look();
  await page.close();
  for (const part of Object.keys(before)) {
    if (!before[part] || before[part] === after[part]) {
      throw new Error(`the slider of ${basename(options.slider)} was moved, but its ${part} stays "${before[part]}"`);
    }
  }
  console.log(`${basename(options.slider)}: the slider moves bars and text from ${before.value} to ${after.value}`);
}

/** Says what is wrong with what the page shows. */
function complaints(cells) {
  const wrong = [];
  for (const cell of cells) {
    if (cell.error) wrong.push(`cell ${cell.index + 1} failed:\n${cell.source}\n${cell.error}`);
    if (cell.red) wrong.push(`cell ${cell.index + 1} shows red lines:\n${cell.red}`);
    if (cell.broken) wrong.push(`cell ${cell.index + 1} shows a picture that does not load`);
  }
  if (options.picture) {
    if (!cells.some((cell) => cell.pictures)) wrong.push("no picture is on the page");
    const wrote = (cell) => /\.write\(|Plots\.texts\(/.test(cell.source) && cell.text.length >= 300;
    if (!cells.some(wrote)) wrong.push("no text that a model wrote is on the page");
  }
  return wrong;
}

async function main() {
  server = await startLab();
  try {
    browser = await chromium.launch({
      executablePath: options.chromium,
      // It sees this machine's own pages only, and containers forbid the sandbox.
      chromiumSandbox: false,
      args: ["--disable-dev-shm-usage"],
      // Its own handlers would end this program before JupyterLab is stopped.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const problems = [];
    page.on("pageerror", (error) => problems.push(`the page reports: ${error.message}`));
    const path = `notebooks/${options.notebook}.ipynb`.split("/").map(encodeURIComponent).join("/");
    await page.goto(`${server.url}lab/tree/${path}?token=${server.token}`, { timeout: 120_000 });
    await page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").first().waitFor({ timeout: 120_000 });
    await page.getByText(/^Java \(tinker\) \| (Idle|Unknown)$/).waitFor({ timeout: 120_000 });
    if (await page.locator(".jp-Dialog, .Toastify__toast").count()) {
      const asked = await page.locator(".jp-Dialog, .Toastify__toast").first().innerText();
      problems.push(`JupyterLab is not quiet: ${asked}`);
    }
    const begin = Date.now();
    await runAll(page);
    const cells = await untilDone(page, begin);
    const seconds = (Date.now() - begin) / 1000;
    const count = await photograph(page);
    await save(page);
    writeFileSync(join(options.pages, "cells.json"), JSON.stringify(cells, null, 2) + "\n");
    problems.push(...complaints(cells));
    if (options.slider) await trySlider(browser);
    const pictures = cells.reduce((sum, cell) => sum + cell.pictures, 0);
    console.log(
      `${options.notebook}: ${cells.length} code cells, ${pictures} pictures, ` +
        `${seconds.toFixed(1)} s from Run All Cells to the last output`,
    );
    console.log(`pictures of the page and its ${count} cells: ${options.pages}`);
    for (const problem of problems) console.log(`FAILED: ${problem}`);
    process.exitCode = problems.length ? 1 : 0;
  } catch (error) {
    const [page] = browser?.contexts()[0]?.pages() ?? [];
    mkdirSync(options.pages, { recursive: true });
    const path = join(options.pages, "failed.png");
    await page?.screenshot({ path }).then(() => console.log(`what the page showed: ${path}`), () => {});
    throw new Error(`${error.message}\nWhat JupyterLab wrote:\n${server.log()}`);
  } finally {
    await browser?.close();
    await endKernels(server).catch(() => {});
    stopLab();
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
main().catch((error) => {
  if (stopping) return; // what was stopped fails
  console.log(`FAILED: ${error.message}`);
  process.exitCode = 1;
});
