// SPDX-License-Identifier: Apache-2.0

/**
 * The live line to the server: settings and samples go out, codes and voice come in. See Docs/page.md.
 *
 * What comes in goes to `listener`: stream(message), frames(message), audio({stream, position, samples}), end(message) and
 * closed(reason), where the reason is why the server or the network ended it.
 */
export class LiveLine {
  #socket;
  #reason = "";

  constructor(listener) {
    const socket = new WebSocket(`ws://${location.host}/live`);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.opened = new Promise((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error("the server doesn't answer; is sotto serve still running?"));
    });
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") {
        const head = new DataView(data);
        listener.audio({ stream: head.getUint32(0, true), position: head.getUint32(4, true), samples: new Float32Array(data, 8) });
        return;
      }
      const message = JSON.parse(data);
      if (message.type === "refused") this.#reason = message.reason;
      else listener[message.type]?.(message);
    };
    socket.onclose = ({ code, reason }) => {
      listener.closed(this.#reason || reason || (code === 1000 ? "" : "the connection was lost"));
    };
  }

  start(settings) { this.#say({ type: "start", ...settings }); }
  change(line) { this.#say({ type: "line", ...line }); }
  stop() { this.#say({ type: "stop" }); }

  /** 32-bit samples of one channel, at the rate that the stream was started with. */
  send(samples) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(samples);
  }

  close() { this.#socket.close(1000); }

  #say(message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}
