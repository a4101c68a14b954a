import { z } from "zod";

/**
 * The figures that the operations listener tells. Null could not be measured; zero is a measured zero. Shares are
 * percentages of 0 to 100, rates are for each second.
 */
export const count = z.int().min(0);
export const figure = z.number().min(0);
export const measured = figure.nullable();
