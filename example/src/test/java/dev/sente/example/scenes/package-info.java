/** The testkit's scenes for every client, played by the TypeScript client in Node. */
@NullMarked
package dev.sente.example.scenes;

import org.jspecify.annotations.NullMarked;
