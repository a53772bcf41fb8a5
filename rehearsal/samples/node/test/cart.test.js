import assert from "node:assert/strict";
import { test } from "node:test";
import { total } from "../src/cart.js";

test("a cart costs what is in it", () => {
  assert.equal(total([{ cents: 950, count: 2 }]), 1900);
});

test("less than nothing is refused", () => {
  assert.throws(() => total([{ cents: 950, count: -1 }]), RangeError);
});
