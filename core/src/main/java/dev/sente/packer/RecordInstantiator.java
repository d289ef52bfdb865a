package dev.sente.packer;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.StdValueInstantiator;

/**
 * Calls the constructors of records as Jackson does, but remembers how: Jackson looks for a way to
 * spread the arguments anew with each call, a quarter of what it takes to bind a small record.
 */
final class RecordInstantiator extends StdValueInstantiator {

  /** Takes the arguments in an array; null until it is asked for. Any thread; a race makes two. */
  private volatile @Nullable MethodHandle constructor;

  private RecordInstantiator(StdValueInstantiator jacksons) {
    super(jacksons);
  }

  /**
   * Takes the place of Jackson's own for records, and of nobody else's. Once all others have had
   * it: a module of the application's may insist on Jackson's, as Kotlin's does.
   */
  static ValueDeserializerModifier forRecords() {
    return new ValueDeserializerModifier() {
      @Override
      public BeanDeserializerBuilder updateBuilder(
          DeserializationConfig config,
          BeanDescription.Supplier bean,
          BeanDeserializerBuilder builder) {
        var instantiator = builder.getValueInstantiator();
        if (bean.getBeanClass().isRecord()
            && instantiator.getClass() == StdValueInstantiator.class
            && instantiator.getWithArgsCreator() != null
            && instantiator.getWithArgsCreator().getAnnotated() instanceof Constructor<?>) {
          builder.setValueInstantiator(new RecordInstantiator((StdValueInstantiator) instantiator));
        }
        return builder;
      }
    };
  }

  @Override
  public Object createFromObjectWith(DeserializationContext context, @Nullable Object[] args) {
    MethodHandle call;
    try {
      call = constructor();
    } catch (IllegalAccessException e) {
      return super.createFromObjectWith(context, args); // It is open to Jackson only.
    }
    try {
      return call.invokeExact(args);
    } catch (Exception e) {
      return context.handleInstantiationProblem(_valueClass, args, rewrapCtorProblem(context, e));
    } catch (Throwable e) {
      throw (Error) e; // There is nothing else.
    }
  }

  private MethodHandle constructor() throws IllegalAccessException {
    var known = constructor;
    if (known == null) {
      // Jackson has made it accessible.
      var found = (Constructor<?>) _withArgsCreator.getAnnotated();
      known =
          MethodHandles.lookup()
              .unreflectConstructor(found)
              .asFixedArity()
              .asSpreader(Object[].class, found.getParameterCount())
              .asType(MethodType.methodType(Object.class, Object[].class));
      constructor = known;
    }
    return known;
  }
}
