// Names that only the compiler sees. They have no run time: import them with `import type`.

/** Under it a model instance carries the map of its fields. */
export declare const FIELDS: unique symbol;

/** Under it stands whether an object is there, or only the way to it: so that "both" is no possibility. */
export declare const LOADED: unique symbol;

/** Under it a relation, as an attribute, carries the instance type it leads to. */
export declare const TARGET: unique symbol;

/** Under it a relation that leads to several objects carries what awaiting gives for each. */
export declare const MANY: unique symbol;

/** Under it a query carries the model it asks. */
export declare const MODEL: unique symbol;

/** Under it a query carries what awaiting gives for each row. */
export declare const ROW: unique symbol;

/** Under it a query for one row carries what it gives when there is none. */
export declare const NONE: unique symbol;

/** Under it a query says whether what it makes refers to an object already. */
export declare const BOUND: unique symbol;

/** Under it a model with computed values carries the model itself. */
export declare const BASE: unique symbol;

/** Under it a grouped query carries the names of which a group consists. */
export declare const GROUP: unique symbol;
