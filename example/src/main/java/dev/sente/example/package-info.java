/**
 * The reference example. Its page is in {@code example/web}; {@link
 * dev.sente.example.ExampleServer} is what the README shows.
 */
@NullMarked
package dev.sente.example;

import org.jspecify.annotations.NullMarked;
