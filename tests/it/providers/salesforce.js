import { equal, verdict } from './bytes.js';

const ACKNOWLEDGEMENT =
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
  '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body></soapenv:Envelope>';

export default {
  async fetch(request, env) {
    const organization = /<OrganizationId>([^<]*)<\/OrganizationId>/.exec(await request.text())?.[1] ?? '';
    if (!equal(organization.slice(0, 15), env.ORGANIZATION_ID.slice(0, 15))) return verdict(false);
    return new Response(ACKNOWLEDGEMENT, { headers: { 'content-type': 'text/xml' } });
  },
};
