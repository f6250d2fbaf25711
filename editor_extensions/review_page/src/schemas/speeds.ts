// Generated from schemas/json/speeds.json by `npm run schemas`.
export const SPEED_RULE = {
  speeds: [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0],
  by_length: [
    [10, 1.0],
    [20, 2.0],
    [480, 4.0],
    [960, 8.0],
    [1920, 16.0],
    [3840, 32.0],
    [7680, 64.0],
    [15360, 128.0],
  ],
} as const;
