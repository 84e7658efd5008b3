/** Where news of a shipment or a return came from. Pure. */
export const shipmentSources = ["onec_status", "onec_document", "staff"] as const;
export type ShipmentSource = (typeof shipmentSources)[number];
