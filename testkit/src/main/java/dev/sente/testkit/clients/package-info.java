/**
 * What every client must do, whatever it is written in: {@link
 * dev.sente.testkit.clients.ClientScenes} plays the application on both sides of a real server, and
 * the network between.
 */
@NullMarked
package dev.sente.testkit.clients;

import org.jspecify.annotations.NullMarked;
