package tinker.nn;

import ai.djl.ndarray.types.Shape;

/**
 * One parameter of a model, as a table of layers shows it.
 *
 * @param name such as {@code "rnn.weight_ih_l0"}
 * @param shape such as (512, 128)
 * @param count how many numbers it holds
 */
public record Layer(String name, Shape shape, long count) {}
