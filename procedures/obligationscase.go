package procedures

import "github.com/hoso-gov/hoso/workflow"

func text2(vi, en string) workflow.Text { return workflow.Text{VI: vi, EN: en} }

// What follows from a step, sub-cases, personal data, versions and tests.
var caseObligations = []Obligation{
	{Code: "SIGNAL", Group: GroupEffects, Method: "sets",
		Rule:   text2("Trạng thái mà một bước dẫn đến nhận tín hiệu mà việc kèm theo mang về.", "The state that a step leads to takes the signal that its effect brings."),
		Remedy: text2("Viết signals: {…} ở trạng thái đó.", "Write signals: {…} in that state.")},
	{Code: "REASON", Group: GroupEffects, Method: "sets",
		Rule:   text2("Mọi việc từ chối nêu lý do có căn cứ pháp lý.", "Every refusal carries a legal ground."),
		Remedy: text2("Viết needs: [grounds], khai báo grounds.", "Write needs: [grounds], and declare grounds.")},
	{Code: "NOTIFY", Group: GroupEffects, Method: "graph",
		Rule:   text2("Hồ sơ không kết thúc và không chờ người nộp mà người nộp không được báo.", "No case ends, or begins to wait for the applicant, without a word to them."),
		Remedy: text2("Viết effects: [notify: …].", "Write effects: [notify: …].")},
	{Code: "IDEMPOTENCY", Group: GroupEffects, Method: "sets; that each effect has a key, a probe or a person is the engine's, by construction",
		Rule:   text2("Việc bên ngoài chỉ làm một lần: một bước không nêu cùng một việc hai lần.", "What is done outside is done once: no transition names an effect twice."),
		Remedy: text2("Chỉ nêu một lần.", "Name it once.")},
	{Code: "COMPENSATE", Group: GroupEffects, Method: "forward data flow",
		Rule:   text2("Kết thúc không thành thì những gì đã làm được hoàn lại.", "An end without success takes back what may have been done."),
		Remedy: text2("Viết compensate: true.", "Write compensate: true.")},
	{Code: "NORETURN", Group: GroupEffects, Method: "forward data flow, graph",
		Rule:   text2("Sau việc không thể hoàn lại thì không từ chối, không rút.", "After what cannot be taken back there is neither refusal nor withdrawal."),
		Remedy: text2("Dẫn đến trạng thái final-act: true, hoặc cho thông điệp một undo.", "Lead to a state with final-act: true, or give the message an undo.")},

	{Code: "JOIN", Group: GroupChildren, Method: "sets; an open rest is cancelled by construction",
		Rule:   text2("Điều kiện kết thúc chờ hồ sơ con đầy đủ, và người được hỏi có đúng thời gian mà hồ sơ chính chờ.", "A join is complete, and who is asked has the time that the case waits."),
		Remedy: text2("Viết ok, refused; cùng một thời gian ở hai nơi.", "Write ok and refused, and the same time in both.")},
	{Code: "JOINTOTAL", Group: GroupChildren, Method: "sets over the sub-cases' outcomes",
		Rule:   text2("Mọi kết quả của hồ sơ con, kể cả hủy và quá hạn, đều được phân loại.", "Every outcome of the sub-cases has its class, cancelled and timed-out too."),
		Remedy: text2("Viết thêm vào outcomes.", "Add it to outcomes.")},
	{Code: "RECURSION", Group: GroupChildren, Method: "graph of procedures",
		Rule:   text2("Các thủ tục không mở lẫn nhau thành vòng.", "Procedures do not open each other in a circle."),
		Remedy: text2("Cắt vòng.", "Break the circle.")},
	{Code: "DEPTH", Group: GroupChildren, Method: "graph of procedures",
		Rule:   text2("Hồ sơ con mở sâu nhất hai tầng.", "Sub-cases are at most two deep."),
		Remedy: text2("Để hồ sơ trên tự mở.", "Let the upper case open them itself.")},
	{Code: "GIVE", Group: GroupChildren, Method: "references",
		Rule:   text2("Điều hồ sơ con đọc được hồ sơ mẹ đưa.", "What a sub-case reads is given to it."),
		Remedy: text2("Viết give: {…}.", "Write give: {…}.")},
	{Code: "SHARE", Group: GroupChildren, Method: "types of both forms",
		Rule:   text2("Phần được chia sẻ có trong cả hai biểu mẫu, với cùng câu hỏi.", "A shared section stands in both forms, with the same questions."),
		Remedy: text2("Để cả hai biểu mẫu $ref cùng một định nghĩa.", "Let both forms $ref the same definition.")},

	{Code: "SUBJECT", Group: GroupData, Method: "order of subjects, kinds",
		Rule:   text2("Khóa của một đối tượng chỉ dựa vào điều đã biết, và chỉ người mới được hỏi hay được báo.", "The key of a subject reads only what is known before, and only persons are asked or told."),
		Remedy: text2("Chuyển đối tượng xuống dưới, hoặc chọn đối tượng là người.", "Move the subject down, or name a person.")},
	{Code: "MINIMISE", Group: GroupData, Method: "references",
		Rule:   text2("Dữ liệu chỉ được đọc hay hỏi khi có nguồn, có căn cứ và được dùng.", "A record is read and a question asked only with a basis, and only if it is used."),
		Remedy: text2("Bỏ đi, hoặc dùng.", "Remove it, or use it.")},
	{Code: "SENDS", Group: GroupData, Method: "references of what is sent",
		Rule:   text2("Gửi dữ liệu về một người cho cơ quan khác phải có căn cứ pháp lý.", "What another agency is told of a person is told by a law."),
		Remedy: text2("Viết law ở thông điệp.", "Write law at the message.")},
	{Code: "PRIVATE", Group: GroupData, Method: "references of what leaves by e-mail and SMS",
		Rule:   text2("Thư điện tử và tin nhắn không chứa dữ liệu cá nhân.", "E-mail and SMS carry no personal data."),
		Remedy: text2("Viết không có dữ liệu cá nhân.", "Say it without personal data.")},

	{Code: "TESTS", Group: GroupVersions, Method: "sets; hoso test plays the scenarios on the real engine and reports what they cover",
		Rule:   text2("Kịch bản chỉ nêu những gì có thật, và mọi thao tác có trong một kịch bản.", "Scenarios name what exists, and every action is taken in one of them."),
		Remedy: text2("Sửa tên, hoặc thêm kịch bản.", "Correct the name, or add a scenario.")},
}
