/** A stretch of time in its two largest units. */
export function lasted(seconds: unknown): string {
  const whole = typeof seconds === "number" ? Math.max(0, Math.round(seconds)) : 0;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min` : `${whole} s`;
}
