// SPDX-License-Identifier: Apache-2.0

import { byId, say } from "./dom.js";
import "./codegrid.js";
import { Files } from "./files.js";
import { Live } from "./live.js";
import { info } from "./server.js";

const tabs = ["live", "files"];

function show(chosen) {
  for (const name of tabs) {
    const tab = byId(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === chosen));
    tab.tabIndex = name === chosen ? 0 : -1;
    byId(name).hidden = name !== chosen;
  }
  history.replaceState(null, "", chosen === "live" ? "/" : `#${chosen}`);
}

for (const name of tabs) {
  byId(`tab-${name}`).onclick = () => show(name);
  byId(`tab-${name}`).onkeydown = (event) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    const other = tabs[(tabs.indexOf(name) + 1) % tabs.length];
    show(other);
    byId(`tab-${other}`).focus();
  };
}
show(location.hash === "#files" ? "files" : "live");

try {
  const server = await info();
  byId("version").textContent = `Sotto ${server.version}, ${server.models.map(({ name }) => name).join(" and ")}`;
  const files = new Files(server);
  new Live(server, (name, wav) => {
    show("files");
    files.openWAV(name, wav);
  });
} catch (error) {
  say(byId("live-status"), `${error.message[0].toUpperCase()}${error.message.slice(1)}.`, true);
  byId("talk").disabled = true;
}
