package dev.sente.event;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/**
 * An exact fraction, as Clojure's {@code 1/3}, in lowest terms with a positive denominator.
 *
 * @param numerator the upper part, which carries the sign
 * @param denominator the lower part, above zero
 */
public record Ratio(BigInteger numerator, BigInteger denominator) implements Comparable<Ratio> {

  /**
   * Brings the fraction into lowest terms.
   *
   * @throws IllegalArgumentException if the denominator is zero
   */
  public Ratio {
    if (denominator.signum() == 0) {
      throw new IllegalArgumentException("a ratio's denominator must not be zero");
    }
    var divisor = numerator.gcd(denominator);
    if (denominator.signum() < 0) {
      divisor = divisor.negate();
    }
    if (!divisor.equals(BigInteger.ONE)) {
      numerator = numerator.divide(divisor);
      denominator = denominator.divide(divisor);
    }
  }

  /** The fraction of two numbers. */
  public static Ratio of(long numerator, long denominator) {
    return new Ratio(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
  }

  /** The nearest double, or one beside it. */
  public double doubleValue() {
    return decimalValue(MathContext.DECIMAL64).doubleValue();
  }

  /** The decimal number, rounded as told. */
  public BigDecimal decimalValue(MathContext rounding) {
    return new BigDecimal(numerator).divide(new BigDecimal(denominator), rounding);
  }

  @Override
  public int compareTo(Ratio other) {
    return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
  }

  @Override
  public String toString() {
    return numerator + "/" + denominator;
  }
}
