export function linear(text: string): string {
  return text;
}
export function linearPath(path: string): string {
  return path;
}
