import type { OpenEpisode } from "./types";
export function openEpisode(_bytes: Uint8Array<ArrayBuffer>): Promise<OpenEpisode> {
  return Promise.reject(new Error("not yet"));
}
