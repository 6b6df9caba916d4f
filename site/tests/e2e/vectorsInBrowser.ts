import "../tlog/vectors.test.ts";
import { run } from "./vitestInBrowser.ts";

Object.assign(globalThis, { ran: run() });
