import type { Mutant } from "./mutant.ts";
import { mutantsOfAnswers } from "./mutants-of-answers.ts";
import { mutantsOfSales } from "./mutants-of-sales.ts";
import { mutantsOfStock } from "./mutants-of-stock.ts";

/** Every mutant, in the order in which they are built. */
export const mutants: readonly Mutant[] = [...mutantsOfStock, ...mutantsOfAnswers, ...mutantsOfSales];
