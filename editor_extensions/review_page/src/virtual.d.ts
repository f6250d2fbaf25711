declare module "virtual:episode-worker" {
  /** The worker's bundle. */
  const source: string;
  export default source;
}
