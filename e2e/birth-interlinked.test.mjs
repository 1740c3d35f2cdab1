// A newborn: one filing, three agencies. Once all of it is granted; once the
// child is to live at an uncle's, where nobody may be registered anew.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerRequest, begin, code, file, open, walk } from './citizen.mjs';
import { who } from './harness.mjs';
import * as desk from './officer.mjs';

const procedure = 'Khai sinh, thường trú và thẻ bảo hiểm y tế cho con mới sinh';
const parts = { birth: 'Liên thông: đăng ký khai sinh', residence: 'Liên thông: đăng ký thường trú cho trẻ', card: 'Liên thông: cấp thẻ bảo hiểm y tế cho trẻ' };
const asksAll = {
  'Ông/Bà là ai của trẻ?': 'Cha',
  'Cùng với khai sinh, Ông/Bà đề nghị những gì?': ['Đăng ký thường trú cho trẻ', 'Cấp thẻ bảo hiểm y tế cho trẻ'],
  'Ông/Bà muốn nhận thẻ thế nào?': 'Bản điện tử',
  'Ông/Bà nhận bản giấy của giấy khai sinh ở đâu?': 'Tại bộ phận một cửa UBND cấp xã',
};
const accept = 'Tiếp nhận';
const committee = { // People's Committee of Tân Định
  reception: ['Trương Thị Cẩm Tú', 'Chuyển thụ lý'],
  handler: ['Hồ Minh Trí', { 'Việc sinh': 'Đạt', 'Cha, mẹ': 'Đạt', 'Họ theo cha hoặc mẹ': 'Đạt' }, 'Trình ký'],
  approver: ['Châu Ngọc Ẩn', 'Đồng ý đăng ký'],
};
const insurance = { // Social insurance of Tân Định
  reception: ['Nguyễn Thị Yến Nhi', accept],
  handler: ['Lương Gia Bảo', { 'Trẻ dưới 72 tháng tuổi': 'Đạt', 'Nơi khám chữa bệnh ban đầu': 'Đạt' }, 'Trình duyệt'],
  approver: ['Đoàn Thị Hương Giang', 'Cấp thẻ'],
};
const police = { reception: 'Huỳnh Thị Mỹ Duyên', handler: 'Võ Hoàng Nam', approver: 'Lâm Chí Dũng' };

// part reads the code of a part from the page of the case, once the part is there.
async function part(person, title) {
  await person.until(title);
  const card = await person.page.getByRole('listitem').filter({ has: person.page.getByRole('heading', { name: title }) }).innerText();
  return card.match(/H[\d.]+-\d{6}-\d{6}/)[0];
}

test('a father registers the birth, the residence and the health card in one filing', async () => {
  const nam = await who('Võ Thanh Nam');
  await begin(nam, procedure);
  await walk(nam, { ...asksAll, 'Trẻ sẽ đăng ký thường trú ở đâu?': 'Cùng nơi thường trú của cha',
    'Trẻ đăng ký khám chữa bệnh ban đầu ở đâu?': 'Trạm Y tế phường Tân Định' });
  await nam.says('Trần Ngọc Mai', 'Bệnh viện Từ Dũ'); // the mother and the birth notice, found by the registries
  const filed = await file(nam);

  await open(nam, filed);
  await desk.settle(await part(nam, parts.birth), committee);
  await open(nam, filed);
  const [residence, card] = [await part(nam, parts.residence), await part(nam, parts.card)];
  await desk.settle(residence, { reception: [police.reception, accept], handler: [police.handler, { 'Nơi thường trú, chủ hộ': 'Đạt' }, 'Trình duyệt'], approver: [police.approver, 'Phê duyệt'] });
  await desk.settle(card, insurance);

  await open(nam, filed, 'Kết quả và giấy tờ');
  await nam.until('Thông báo kết quả liên thông');
  await nam.says('Giấy khai sinh', 'CT08');
  await nam.pdf(/Tải về \(PDF\).*giấy khai sinh/i);
  await nam.pdf(/Tải về \(PDF\).*thông báo kết quả liên thông/i);
});

test('residence is refused at a barred place; birth certificate and health card stand', async () => {
  const phuc = await who('Hồ Văn Phúc');
  await begin(phuc, procedure);
  await walk(phuc, { ...asksAll, 'Trẻ sẽ đăng ký thường trú ở đâu?': 'Ở nơi khác cha mẹ; chủ hộ và chủ sở hữu phải đồng ý',
    'Nơi thường trú của trẻ': { province: 'Thành phố Hồ Chí Minh', commune: 'Phường Tân Định', line: '20 đường Đinh Tiên Hoàng' },
    'Trẻ nhập vào hộ của ai?': 'Lý Văn Sơn', 'Trẻ là gì của chủ hộ?': 'Cháu ruột', 'Trẻ đăng ký khám chữa bệnh ban đầu ở đâu?': 'Bệnh viện Nhi Đồng 1' });
  await phuc.says('địa điểm không được đăng ký thường trú mới'); // a warning, which does not keep him from filing
  const filed = await file(phuc);

  await open(phuc, filed);
  await desk.settle(await part(phuc, parts.birth), committee);
  await open(phuc, filed);
  const [residence, card] = [await part(phuc, parts.residence), await part(phuc, parts.card)];

  const reception = await desk.officer(police.reception);
  await desk.open(reception, residence);
  await desk.act(reception, accept);
  const son = await who('Lý Văn Sơn');
  await answerRequest(son, 'Đồng ý');
  await son.press('Đồng ý');
  const handler = await desk.officer(police.handler);
  await desk.open(handler, residence);
  await desk.judge(handler, { 'Nơi thường trú, chủ hộ': 'Đạt', 'Chỗ ở hợp pháp và ý kiến đồng ý': ['Chưa đạt', 'Thuộc địa điểm không được đăng ký thường trú mới'] }, 'Trình duyệt');
  await desk.confirm(handler, 'Trình duyệt');
  const approver = await desk.officer(police.approver);
  await desk.open(approver, residence);
  await desk.refuse(approver, 'Từ chối (CT06)', 'Chỗ ở thuộc địa điểm không được đăng ký thường trú mới');
  await desk.settle(card, insurance);

  await open(phuc, filed);
  await phuc.until('Đã khai sinh, có phần không được chấp thuận');
  assert.equal(await code(phuc), filed);
  await phuc.says('Không được đăng ký', 'Đã cấp thẻ', 'Đã đăng ký khai sinh'); // what came, and what did not
  await phuc.press('Kết quả và giấy tờ');
  await phuc.says('Giấy khai sinh', 'CT06');
  await phuc.pdf(/Tải về \(PDF\).*CT06/);
});
