/** Of the package; a test keeps it equal to package.json, which costs a file read at start-up. */
export const VERSION = '0.1.0';
