// Plain JavaScript without imports: it has to be readable by the very Node versions that it turns away.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `Terrapin's own scripts need Node 22.18 or newer, and this is Node ${process.versions.node}.\n` +
      "On Linux `npm ci` brings one along: start scripts with `npm run …` or `npx …`, which use it.\n" +
      "On other systems install Node 22.18 or newer first.",
  );
  process.exit(1);
}
