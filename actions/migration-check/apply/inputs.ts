/** Inputs of the modes that change a database. */
export const applyInputs = {};
