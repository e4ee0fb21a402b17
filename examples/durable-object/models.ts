import { MaxLengthValidator, MinLengthValidator, Model } from "terrapin";
import * as fields from "terrapin/fields";

export class Counter extends Model.define({
  name: fields.char({ maxLength: 50, primaryKey: true }),
  value: fields.bigInt({ default: 0 }),
}) {}

export class Message extends Model.define(
  {
    id: fields.bigInt({ primaryKey: true }),
    author: fields.char({ maxLength: 50, validators: [MinLengthValidator(1)] }),
    text: fields.text({ validators: [MinLengthValidator(1), MaxLengthValidator(2000)] }),
    sentAt: fields.datetime({ autoNowAdd: true }),
  },
  { ordering: ["id"] },
) {}
