#!/usr/bin/env node
// Starts the program that came with the package for this platform, with this
// process's arguments, standard streams and signals, and ends as it ends.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { optionalDependencies } = require("../package.json");

function fail(problem) {
  console.error("flexie-mcp: " + problem);
  process.exit(1);
}

// program is the path of the program, or null where there is none for the platform.
function program() {
  const platform = `-${process.platform}-${process.arch}`;
  const name = Object.keys(optionalDependencies).find((n) => n.endsWith(platform));
  if (!name) {
    fail(`there is no program for ${process.platform} on ${process.arch}; with Go it can be built from the source.`);
  }
  const file = process.platform === "win32" ? "flexie-mcp.exe" : "flexie-mcp";
  try {
    return require.resolve(`${name}/bin/${file}`);
  } catch {
    fail(`the package ${name}, which holds the program, was not installed; install again without --omit=optional or --no-optional.`);
  }
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => fail(`the program can't be started: ${error.message}`));
child.on("exit", (code, signal) => {
  // A program that a signal has ended is told to a shell as 128 and its number.
  process.exit(signal ? 128 + constants.signals[signal] : code);
});
