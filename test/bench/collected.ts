// Durations by name, in the order in which they came.

import { type Summary, summarise } from "./statistics.ts";

export class Collected {
  private readonly values = new Map<string, number[]>();

  add(name: string, values: readonly number[] | undefined): void {
    this.values.set(name, [...this.of(name), ...(values ?? [])]);
  }

  of(name: string): readonly number[] {
    return this.values.get(name) ?? [];
  }

  summary(name: string): Summary {
    return summarise(this.of(name));
  }

  /** Of the differences, pair by pair. */
  difference(name: string, from: string): Summary {
    const others = this.of(from);
    return summarise(this.of(name).map((value, index) => value - (others[index] ?? Number.NaN)));
  }
}
