/**
 * One task at a time without a lock: what a session is made of, at both ends. The session's own in
 * its mailbox, the application's in its lane.
 */
@NullMarked
package dev.sente.mailbox;

import org.jspecify.annotations.NullMarked;
