/** Keys of the migrations file for the modes that change a database. */
export const applyKeys = {};
