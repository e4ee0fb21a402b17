/** What a model's fields are made of. */
export { BinaryField, BooleanField, CharEnumField, GeometryField, IntEnumField, JsonField, JsonNull } from "./data.js";
export { Field } from "./field.js";
export { BigIntField, DecimalField, FloatField, IntField, TimeDeltaField } from "./numbers.js";
export { KeyField, RelationField } from "./relation.js";
export { CharField, TextField, UuidField } from "./text.js";
export { DateField, DatetimeField, TimeField } from "./time.js";
