/** The client as an application uses it, against real servers over loopback. */
@NullMarked
package dev.sente.client;

import org.jspecify.annotations.NullMarked;
