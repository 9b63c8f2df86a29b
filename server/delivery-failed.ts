/** A message that is neither on the bridge nor waiting here. The message of the error is the reason, one sentence. */
export class DeliveryFailed extends Error {
  override readonly name = "DeliveryFailed";
}
