/** The testkit's scenes for every client, played by this one. */
@NullMarked
package dev.sente.client.scenes;

import org.jspecify.annotations.NullMarked;
