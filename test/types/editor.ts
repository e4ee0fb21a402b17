import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { pathToFileURL } from "node:url";

/** An editor's view of one file: the compiler's own language server, asked over its pipe. */
export class Editor {
  private readonly server: ChildProcessWithoutNullStreams;
  private readonly waiting = new Map<number, (result: unknown) => void>();
  private received = Buffer.alloc(0);
  private asked = 0;
  private readonly uri: string;
  private readonly text: string;

  constructor(compiler: string, file: string, text: string) {
    this.text = text;
    this.uri = pathToFileURL(file).href;
    this.server = spawn(process.execPath, [compiler, "--lsp", "--stdio"]);
    this.server.stdout.on("data", (chunk: Buffer) => this.read(chunk));
  }

  async open(folder: string): Promise<void> {
    await this.ask("initialize", { processId: process.pid, rootUri: pathToFileURL(folder).href, capabilities: {} });
    this.send({ method: "initialized", params: {} });
    this.send({
      method: "textDocument/didOpen",
      params: { textDocument: { uri: this.uri, languageId: "typescript", version: 1, text: this.text } },
    });
  }

  /** What is shown over the end of the `mark`, which stands once in the file. */
  async hover(mark: string): Promise<string> {
    const shown = (await this.ask("textDocument/hover", this.at(mark, -1))) as { contents: { value: string } } | null;
    return (
      /```t(?:ype)?s(?:cript)?\n([\s\S]*?)\n```/.exec(shown?.contents.value ?? "")?.[1] ?? shown?.contents.value ?? ""
    );
  }

  /** What is offered after the `mark`. */
  async offers(mark: string): Promise<string[]> {
    const offered = (await this.ask("textDocument/completion", this.at(mark, 0))) as
      | { items: { label: string }[] }
      | { label: string }[]
      | null;
    return (Array.isArray(offered) ? offered : (offered?.items ?? [])).map(({ label }) => label);
  }

  close(): void {
    this.server.kill();
  }

  private at(mark: string, by: number): object {
    const offset = this.text.indexOf(mark) + mark.length + by;
    const before = this.text.slice(0, offset).split("\n");
    return {
      textDocument: { uri: this.uri },
      position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
    };
  }

  private ask(method: string, params: object): Promise<unknown> {
    const id = ++this.asked;
    this.send({ id, method, params });
    return new Promise((resolve) => this.waiting.set(id, resolve));
  }

  private send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.server.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  private read(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    for (;;) {
      const head = this.received.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.subarray(0, head).toString())?.[1]);
      if (head < 0 || this.received.length < head + 4 + length) return;
      const message = JSON.parse(this.received.subarray(head + 4, head + 4 + length).toString()) as {
        id?: number;
        method?: string;
        result?: unknown;
      };
      this.received = this.received.subarray(head + 4 + length);
      if (message.id === undefined) continue;
      // The server has questions, too; none of its answers matter here.
      if (message.method !== undefined) this.send({ id: message.id, result: null });
      else this.waiting.get(message.id)?.(message.result ?? null);
    }
  }
}
