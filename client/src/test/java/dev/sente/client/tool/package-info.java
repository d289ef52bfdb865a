/** The command-line tool against a real server. */
@NullMarked
package dev.sente.client.tool;

import org.jspecify.annotations.NullMarked;
