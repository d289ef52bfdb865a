/** Compression around any packer. Receives values and bytes, hands them to the packer inside. */
@NullMarked
package dev.sente.packer.gzip;

import org.jspecify.annotations.NullMarked;
