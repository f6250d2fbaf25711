// Stands in for @vscode/spdlog, a native module that would have to be compiled. Without any, VS Code
// runs, but writes no log files and shows every output channel empty.
const fs = require('fs');
const path = require('path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
let commonLevel = 0;

class Logger {
  constructor(file) {
    this.file = file;
    this.level = commonLevel;
    this.isRaw = false;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }
  #write(level, message) {
    if (level < this.level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const text = this.isRaw ? message : `${time} [${LEVELS[level]}] ${message}\n`;
    try {
      fs.appendFileSync(this.file, text);
    } catch {
      // the folder of a window that was closed
    }
  }
  trace(message) { this.#write(0, message); }
  debug(message) { this.#write(1, message); }
  info(message) { this.#write(2, message); }
  warn(message) { this.#write(3, message); }
  error(message) { this.#write(4, message); }
  critical(message) { this.#write(5, message); }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() { this.isRaw = true; }
  flush() {}
  drop() {}
}

const create = async (_name, file) => new Logger(file);
// One `exports.x =` line each: VS Code imports this from an ES module, which finds names in no other form.
exports.version = 0;
exports.Logger = class extends Logger {
  constructor(_kind, _name, file) { super(file); }
};
exports.setLevel = (level) => { commonLevel = level; };
exports.setFlushOn = () => {};
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
