/**
 * Replays what was recorded between Clojure's Sente and its client: the requests and messages of
 * the recorded client go to our server at the recorded times, and our answers are compared with
 * Sente's.
 */
@NullMarked
package dev.sente.testkit.replay;

import org.jspecify.annotations.NullMarked;
