/**
 * The reference example. Its page is in {@code example/web}; {@link
 * dev.sente.example.ExampleServer} is the server behind it.
 */
@NullMarked
package dev.sente.example;

import org.jspecify.annotations.NullMarked;
