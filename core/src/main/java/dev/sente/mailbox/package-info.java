/** One task at a time without a lock: what a session is made of, at both ends. */
@NullMarked
package dev.sente.mailbox;

import org.jspecify.annotations.NullMarked;
