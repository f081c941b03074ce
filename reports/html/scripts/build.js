// Bundles the scripts of the pages, and apart from them the libraries, into ../bundles. The bundles are
// committed, so that only a change of a script needs node: `npm run build` writes them, and
// `npm run check` tells which are not what their sources give.

import {createHash} from "node:crypto";
import {readdirSync, readFileSync, writeFileSync} from "node:fs";
import {basename, dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import * as esbuild from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const BUNDLES = join(HERE, "..", "bundles");
const LIBRARIES = "shared/libraries.js";
const TOOLS = ["build.js", "package-lock.json"];  // what decides on a bundle beside its sources
const OPTIONS = {
  absWorkingDir: HERE, bundle: true, minify: true, target: "es2022", charset: "utf8", legalComments: "none",
  metafile: true, write: false, logLevel: "warning",
};

const read = (path) => readFileSync(join(HERE, path), "utf8");

const filesIn = (...folders) => folders.flatMap((folder) =>
  readdirSync(join(HERE, folder)).map((name) => `${folder}/${name}`));

// A comment with a digest of all that a bundle is made of, by which tests without node see that it is stale.
const banner = (sources) => {
  const digest = createHash("sha256");
  for (const path of [...sources, ...TOOLS].sort()) digest.update(`${path}\0${read(path)}\0`);
  return {js: `/* sources: sha256 ${digest.digest("hex")} */`};
};

// In the bundle of a page, libraries are those of the bundle that stands before it.
const besideLibraries = async () => {
  const names = Object.keys(await import(`./${LIBRARIES}`));
  const contents = `export const {${names.join(", ")}} = lib;`;
  return {
    name: "beside libraries",
    setup: (build) => build.onLoad({filter: /shared\/libraries\.js$/}, () => ({contents})),
  };
};

// The text of a bundle, and the files of which something is in it.
const bundle = async (sources, options) => {
  const result = await esbuild.build({...OPTIONS, banner: banner(sources), ...options});
  const [{inputs}] = Object.values(result.metafile.outputs);
  const used = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput > 0);
  return {text: result.outputFiles[0].text, used};
};

const libraries = () =>
  bundle([LIBRARIES], {entryPoints: [LIBRARIES], format: "iife", globalName: "lib"});

const page = async (name) => bundle(filesIn(name, "shared"), {
  entryPoints: [`${name}/main.js`], format: "esm", lineLimit: 120, plugins: [await besideLibraries()],
});

const licence = (name) => {
  const folder = `node_modules/${name}`;
  const {version, license} = JSON.parse(read(`${folder}/package.json`));
  const file = readdirSync(join(HERE, folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? read(`${folder}/${basename(file)}`).trim() : "";
  return `${"=".repeat(80)}\n${name} ${version} (${license})\n\n${text}\n\n`;
};

// The licence of every package of which something is in the bundle.
const licences = (used) => {
  const names = used.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]);
  return [...new Set(names.filter(Boolean))].sort().map(licence).join("");
};

const files = async () => {
  const {text, used} = await libraries();
  return {
    "libraries.min.js": text,
    "LICENSES.txt": licences(used),
    "audit.min.js": (await page("audit")).text,
    "comparison.min.js": (await page("comparison")).text,
  };
};

const current = (name) => {
  try {
    return readFileSync(join(BUNDLES, name), "utf8");
  } catch {
    return null;
  }
};

const built = Object.entries(await files());
if (process.argv.includes("--check")) {
  const stale = built.filter(([name, text]) => current(name) !== text).map(([name]) => name);
  if (stale.length) {
    console.error(`stale in reports/html/bundles: ${stale.join(", ")}; write them with npm run build`);
    process.exitCode = 1;
  }
} else {
  for (const [name, text] of built) writeFileSync(join(BUNDLES, name), text);
}
